"""Thumbnails of a video for embedding in a page, as data URLs of JPEG images."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from whenabouts.video import Video

__all__ = ["data_url", "filmstrip", "jpeg", "pictures_at", "thumbnail"]

COVER = (224, 126)  # pixels that a thumbnail covers: its box in the page, on a high-resolution screen
MAX_SIDE = 448  # pixels, for very wide or very tall videos


def thumbnail(video: Video, time: float, *, height: int | None = None) -> str | None:
    """The frame at `time` seconds, or None if none can be decoded.

    height: in pixels, if given; at most that of the video
    """
    size = _size(video) if height is None else _scaled(video, min(1.0, height / video.probe.height))
    frame = next(iter(video.around(time, 0.0, size=size)), None)
    return None if frame is None else data_url(jpeg(frame.image))


def filmstrip(video: Video, count: int, start: float = 0.0, end: float | None = None) -> list[str]:
    """The frames in the middle of each of `count` equal parts of [start, end) seconds, by default of the whole video.

    A part whose middle is beyond the end of the video has none.
    """
    end = video.duration if end is None else end
    middles = (start + (part + 0.5) * (end - start) / count for part in range(count))
    times = [time for time in middles if time < video.duration]
    return [data_url(picture) for picture in pictures_at(video, times)] if times else []


def pictures_at(video: Video, times: Sequence[float]) -> Iterator[bytes]:
    """The frame on show at each time, one after another, as JPEG files; times are in seconds and do not decrease."""
    for frame in video.at(times, size=_size(video)):
        yield jpeg(frame.image)


def _size(video: Video) -> tuple[int, int]:
    width, height = video.probe.width, video.probe.height
    return _scaled(video, min(max(COVER[0] / width, COVER[1] / height), MAX_SIDE / max(width, height)))


def _scaled(video: Video, scale: float) -> tuple[int, int]:
    width, height = video.probe.width, video.probe.height
    return max(2, round(width * scale)), max(2, round(height * scale))


def data_url(data: bytes) -> str:
    """The bytes of a JPEG file as an address inside a page."""
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def jpeg(image: NDArray[np.uint8]) -> bytes:
    """An image (H, W, 3), RGB, as the bytes of a file."""
    height, width = image.shape[:2]
    encoder = av.CodecContext.create("mjpeg", "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise TypeError("mjpeg is a video codec")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qscale": "4"}
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuvj420p")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
