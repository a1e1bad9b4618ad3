"""From one film to its rows: frames are decoded in one thread and encoded in another, and pooled as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.errors import VideoError
from whenabouts.evidence import TextKind, gather
from whenabouts.library.shots import pooled
from whenabouts.library.store import shots_table
from whenabouts.video import Frame, Video

__all__ = ["Rows", "rows_of"]

BATCH = 32


@dataclass(frozen=True, slots=True)
class Rows:
    """What the store takes in of a film; `shots` and `lines` are Arrow tables."""

    sha256: str
    duration: float
    language: str | None
    shots: Any
    lines: Any


def rows_of(
    path: Path,
    encoder: Encoder,
    *,
    fps: float = 1.0,
    words: tuple[TextKind, ...] = ("said",),
    progress: Callable[[float], None] | None = None,
) -> Rows:
    """Look at a film `fps` times a second, and take its lines. Raises VideoError.

    words: `said` reads subtitles, or speech where a model for it is installed; `written` reads the screen too, which is
    slow. The memory needed does not grow with the film, but for its rows.
    """
    import pyarrow as pa

    with Video(path) as video:
        told = gather(video, words, cache=False) if words else []
        shots = list(pooled(_vectors(video, encoder, fps, progress), video.duration))
        if not shots:
            raise VideoError(f"{path} gave no picture that could be decoded")
        vectors = np.stack([shot.vector for shot in shots])
        lines = pa.table(
            {
                "sha256": pa.array([video.sha256] * len(told), pa.string()),
                "start": pa.array([line.start for line in told], pa.float64()),
                "end": pa.array([line.end for line in told], pa.float64()),
                "kind": pa.array([line.kind for line in told], pa.string()),
                "text": pa.array([line.text for line in told], pa.string()),
            }
        )
        language = next((track.language for track in video.probe.audio if track.language), None)
        table = shots_table(video.sha256, [(shot.start, shot.end) for shot in shots], vectors)
        return Rows(video.sha256, video.duration, language, table, lines)


def _vectors(
    video: Video, encoder: Encoder, fps: float, progress: Callable[[float], None] | None
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    frames = video.sample(fps, size=encoder.size)
    count = 0
    with ThreadPoolExecutor(1) as ahead:
        waiting = ahead.submit(_batch, frames)
        while batch := waiting.result():
            waiting = ahead.submit(_batch, frames)
            for vector in encoder.encode_images([frame.image for frame in batch]):
                yield count / fps, vector
                count += 1
            if progress:
                progress(min(1.0, count / fps / video.duration))


def _batch(frames: Iterator[Frame]) -> list[Frame]:
    return list(islice(frames, BATCH))
