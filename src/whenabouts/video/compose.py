"""Compose a video from stills and excerpts: camera moves, a subtitle track, and shot times known by construction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import SubtitleSet
from numpy.typing import NDArray

from whenabouts.files.atomic import replacing
from whenabouts.video.video import Video

__all__ = ["Excerpt", "Line", "Still", "compose"]

MILLISECOND = Fraction(1, 1000)
ASS_HEADER = b"[V4+ Styles]\nFormat: Name\nStyle: Default\n[Events]\nFormat: Layer, Start, End, Style, Text\n"


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A picture, uint8 (H, W, 3) RGB, held for `seconds` while the camera closes in by `zoom` (1 stands still)."""

    image: NDArray[np.uint8]
    seconds: float
    zoom: float = 1.15

    def pictures(self, size: tuple[int, int], rate: int) -> Iterator[NDArray[np.uint8]]:
        """Its views of the shape of `size`, one per frame."""
        count = max(1, round(self.seconds * rate))
        for i in range(count):
            yield _crop(self.image, size, 1 + (self.zoom - 1) * i / max(1, count - 1))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of another video from `start` to `end` seconds on its own clock, without its sound."""

    path: Path
    start: float
    end: float

    def pictures(self, size: tuple[int, int], rate: int) -> Iterator[NDArray[np.uint8]]:
        """Its pictures cropped to the shape of `size`, one per frame of the new video."""
        with Video(self.path) as video:
            for frame in video.sample(rate, start=self.start, end=self.end):
                yield _crop(frame.image, size)


@dataclass(frozen=True, slots=True)
class Line:
    """A subtitle, from `start` to `end` in seconds of the video."""

    start: float
    end: float
    text: str


def compose(
    path: Path,
    shots: Sequence[Still | Excerpt],
    *,
    lines: Sequence[Line] = (),
    size: tuple[int, int] = (640, 360),
    rate: int = 24,
) -> list[tuple[float, float]]:
    """Write an H.264 mp4 of the shots in order and return the (start, end) of each, in seconds.

    `size` is (width, height), both even; pictures are cropped to its shape, never stretched. Shots last a whole number
    of frames. `lines` become a text track (mov_text), as players show it.
    """
    times: list[tuple[float, float]] = []
    with replacing(path) as part, av.open(str(part), "w", "mp4", options={"movflags": "+faststart"}) as video:
        picture = video.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
        picture.width, picture.height = size
        picture.pix_fmt = "yuv420p"
        track = video.add_stream("mov_text") if lines else None
        if track is not None:
            _write_lines(video, track, lines)
        number = 0
        for shot in shots:
            first = number
            for image in shot.pictures(size, rate):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
                frame = frame.reformat(*size, format="yuv420p", interpolation="AREA")
                frame.pts, frame.time_base = number, Fraction(1, rate)
                video.mux(picture.encode(frame))
                number += 1
            times.append((first / rate, number / rate))
        video.mux(picture.encode(None))
    return times


def _write_lines(video: OutputContainer, track: SubtitleStream, lines: Sequence[Line]) -> None:
    track.codec_context.subtitle_header = ASS_HEADER
    track.codec_context.time_base = track.time_base = MILLISECOND
    for line in sorted(lines, key=lambda line: line.start):
        start, length = round(line.start * 1000), round((line.end - line.start) * 1000)
        text = SubtitleSet.create(f"0,0,Default,,0,0,0,,{line.text}".encode(), 0, length, start * 1000)
        packet = track.codec_context.encode_subtitle(text)
        packet.stream, packet.time_base = track, MILLISECOND
        packet.pts = packet.dts = start
        packet.duration = length
        video.mux(packet)


def _crop(image: NDArray[np.uint8], size: tuple[int, int], zoom: float = 1.0) -> NDArray[np.uint8]:
    """The middle of an image in the shape of `size`, `zoom` times closer than the whole."""
    height, width = image.shape[:2]
    scale = min(width / size[0], height / size[1]) / zoom
    w, h = max(2, int(size[0] * scale)), max(2, int(size[1] * scale))
    left, top = (width - w) // 2, (height - h) // 2
    return image[top : top + h, left : left + w]
