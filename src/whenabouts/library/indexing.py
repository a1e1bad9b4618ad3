"""From one video to its rows: one thread decodes frames while another encodes them; vectors are pooled on the fly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.errors import VideoError
from whenabouts.evidence import gather
from whenabouts.library.schema import lines_table, shots_table
from whenabouts.library.shots import Shot, pooled
from whenabouts.progress import Fraction
from whenabouts.video import Video
from whenabouts.video.ahead import ahead

__all__ = ["Rows", "rows_of"]

BATCH = 16  # frames encoded at once
CHUNK = 1024  # stretches collected before they are packed into an Arrow table


@dataclass(frozen=True, slots=True)
class Rows:
    """What the store keeps of a video; `shots` and `lines` are Arrow tables, `notes` say what is damaged of it."""

    duration: float
    language: str | None
    shots: Any
    lines: Any
    notes: tuple[str, ...] = ()


def rows_of(
    path: Path,
    encoder: Encoder,
    *,
    fps: float = 1.0,
    words: tuple[str, ...] = ("said",),
    progress: Fraction | None = None,
) -> Rows:
    """Encode `fps` frames per second of a video, and collect its lines of text. Raises VideoError.

    words: `said` reads subtitles, or recognises speech where a model for it is installed; `written` also reads text on
    screen, which is slow

    Memory grows only with the number of rows: 20 MB an hour where every second shows a different picture.
    """
    with Video(path) as video:
        lines = gather(video, words, cache=False) if words else []
        language = next((track.language for track in video.probe.audio if track.language), None)
        shots = _table(pooled(_vectors(video, encoder, fps, progress), video.duration, step=1 / fps))
        if shots is None:
            raise VideoError(f"{path} gave no picture that could be decoded")
        return Rows(video.duration, language, shots, lines_table(lines), video.notes)


def _table(shots: Iterator[Shot]) -> Any:
    import pyarrow as pa

    packed = []
    while chunk := list(islice(shots, CHUNK)):
        vectors = np.stack([shot.vector for shot in chunk])
        packed.append(shots_table([(shot.start, shot.end) for shot in chunk], vectors))
    return pa.concat_tables(packed) if packed else None


def _vectors(
    video: Video, encoder: Encoder, fps: float, progress: Fraction | None
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    count = 0
    with closing(ahead(video.sample(fps, size=encoder.size), lambda frame: frame.image.nbytes)) as frames:
        while batch := list(islice(frames, BATCH)):
            for vector in encoder.encode_images([frame.image for frame in batch]):
                yield count / fps, vector
                count += 1
            if progress:
                progress(min(1.0, count / fps / video.duration))
