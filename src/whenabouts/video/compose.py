"""Compose a film from stills: slow camera moves, a subtitle track, and shot times that are known by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.subtitles.subtitle import SubtitleSet
from numpy.typing import NDArray

__all__ = ["Line", "Still", "compose"]

MILLISECOND = Fraction(1, 1000)
ASS_HEADER = b"[V4+ Styles]\nFormat: Name\nStyle: Default\n[Events]\nFormat: Layer, Start, End, Style, Text\n"


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A picture, uint8 (H, W, 3) RGB, held for `seconds` while the camera closes in by `zoom` (1 stands still)."""

    image: NDArray[np.uint8]
    seconds: float
    zoom: float = 1.15


@dataclass(frozen=True, slots=True)
class Line:
    """A subtitle, from `start` to `end` in seconds of the film."""

    start: float
    end: float
    text: str


def compose(
    path: Path,
    stills: Sequence[Still],
    *,
    lines: Sequence[Line] = (),
    size: tuple[int, int] = (640, 360),
    rate: int = 24,
) -> list[tuple[float, float]]:
    """Write an H.264 mp4 of the stills in order and return the (start, end) of each, in seconds.

    `size` is (width, height), both even; pictures are cropped to its shape, never stretched. Shots last a whole number
    of frames. `lines` become a text track (mov_text), as players show it.
    """
    shots: list[tuple[float, float]] = []
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as film:
        picture = film.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
        picture.width, picture.height = size
        picture.pix_fmt = "yuv420p"
        track = film.add_stream("mov_text") if lines else None
        frame_number = 0
        if track is not None:
            track.codec_context.subtitle_header = ASS_HEADER
            track.codec_context.time_base = track.time_base = MILLISECOND
            for line in sorted(lines, key=lambda line: line.start):
                start, length = round(line.start * 1000), round((line.end - line.start) * 1000)
                text = SubtitleSet.create(f"0,0,Default,,0,0,0,,{line.text}".encode(), 0, length, start * 1000)
                packet = track.codec_context.encode_subtitle(text)
                packet.stream, packet.time_base = track, MILLISECOND
                packet.pts = packet.dts = start
                packet.duration = length
                film.mux(packet)
        for still in stills:
            count = max(1, round(still.seconds * rate))
            for i in range(count):
                frame = _view(still, i / max(1, count - 1), size)
                frame.pts, frame.time_base = frame_number + i, Fraction(1, rate)
                film.mux(picture.encode(frame))
            shots.append((frame_number / rate, (frame_number + count) / rate))
            frame_number += count
        film.mux(picture.encode(None))
    return shots


def _view(still: Still, progress: float, size: tuple[int, int]) -> av.VideoFrame:
    """What the camera sees at `progress` in [0, 1] of the shot."""
    height, width = still.image.shape[:2]
    scale = min(width / size[0], height / size[1]) / (1 + (still.zoom - 1) * progress)
    w, h = max(2, int(size[0] * scale)), max(2, int(size[1] * scale))
    left, top = (width - w) // 2, (height - h) // 2
    view = np.ascontiguousarray(still.image[top : top + h, left : left + w])
    return av.VideoFrame.from_ndarray(view, format="rgb24").reformat(*size, format="yuv420p", interpolation="AREA")
