"""Animated WebP: FFmpeg decodes each of its frames, and this lays them over each other as the container says.

The composed pictures become a movie of PNG in memory with the delays of the file. See the WebP Container Specification.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from whenabouts.errors import VideoError
from whenabouts.files.state import FileState
from whenabouts.video.stills.movie import Movie, Picture, movie_of

__all__ = ["animated_webp", "first_picture"]

MAX_FILE = 1 << 28  # bytes
MAX_CANVAS = 1 << 24  # pixels
MAX_HELD = 1 << 28  # bytes of composed pictures
NO_DELAY = 100  # milliseconds for which a frame without a delay is shown, as browsers do
ALPHA, DISPOSE, REPLACE = 0x10, 0x01, 0x02

Canvas = NDArray[np.float32]  # (H, W, 4) colours and opacity, 0 … 1


def animated_webp(path: Path) -> Movie | None:
    """The animation as a movie, None for any other file. Raises VideoError for one that is damaged or too large."""
    with path.open("rb") as file:
        head = file.read(30)
    if head[:4] != b"RIFF" or head[8:16] != b"WEBPVP8X" or not head[20] & 0x02:
        return None
    state = FileState.of(path.stat())
    if state.size > MAX_FILE:
        raise VideoError(f"{path} is an animation of more than {MAX_FILE >> 20} MB; convert it to a video")
    pictures, lasts, size = _composed(path, state)
    return movie_of([Picture(each, len(each)) for each in pictures], b"png ", size, lasts, 1000)


@lru_cache(maxsize=2)
def _composed(path: Path, _state: FileState) -> tuple[list[bytes], list[int], tuple[int, int]]:
    """The pictures as PNG, their delays in milliseconds, and width and height."""
    data = path.read_bytes()
    width, height = _uint24(data, 24) + 1, _uint24(data, 27) + 1
    if width * height > MAX_CANVAS:
        raise VideoError(f"{path} is an animation of {width}×{height} pixels, over the limit of {MAX_CANVAS}")
    canvas: Canvas = np.zeros((height, width, 4), np.float32)
    pictures: list[bytes] = []
    lasts: list[int] = []
    held = 0
    try:
        for frame in (frame for name, frame in _chunks(data, 12) if name == b"ANMF" and len(frame) > 16):
            x, y = 2 * _uint24(frame, 0), 2 * _uint24(frame, 3)
            image = _decoded(frame)[: height - y, : width - x]
            place = canvas[y : y + image.shape[0], x : x + image.shape[1]]
            place[:] = image if frame[15] & REPLACE else _over(image, place)
            pictures.append(_png(canvas))
            lasts.append(_uint24(frame, 12) or NO_DELAY)
            held += len(pictures[-1])
            if held > MAX_HELD:
                raise VideoError(f"{path} is an animation of more than {MAX_HELD >> 20} MB of pictures; convert it")
            if frame[15] & DISPOSE:
                place[:] = 0
    except (av.FFmpegError, ValueError, IndexError) as error:
        if not pictures:
            raise VideoError(f"{path} is an animation of which no picture can be decoded") from error
    return pictures, lasts, (width, height)


def first_picture(data: bytes) -> bytes:
    """The first picture of an animation as a file of its own; any other file as it is."""
    if data[:4] != b"RIFF" or data[8:16] != b"WEBPVP8X" or not data[20] & 0x02:
        return data
    frames = (frame for name, frame in _chunks(data, 12) if name == b"ANMF" and len(frame) > 16)
    return next((_still(frame) for frame in frames), data)


def _chunks(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _decoded(frame: bytes) -> Canvas:
    """The picture of a frame."""
    decoder = av.CodecContext.create("webp", "r")
    assert isinstance(decoder, VideoCodecContext)
    [picture, *_] = decoder.decode(av.Packet(_still(frame)))
    return picture.reformat(format="rgba").to_ndarray().astype(np.float32) / np.float32(255)


def _still(frame: bytes) -> bytes:
    """A frame, which is a still WebP but for its head, with one."""
    body = frame[16:]
    if body[:4] == b"ALPH":
        body = b"VP8X" + struct.pack("<IB3x", 10, ALPHA) + frame[6:12] + body
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _over(image: Canvas, below: Canvas) -> Canvas:
    """One picture over another, with colours that are not multiplied by opacity."""
    opacity = image[..., 3:]
    rest = below[..., 3:] * (1 - opacity)
    total = opacity + rest
    colours = image[..., :3] * opacity + below[..., :3] * rest
    return np.concatenate([np.divide(colours, total, out=np.zeros_like(colours), where=total > 0), total], axis=-1)


def _png(canvas: Canvas) -> bytes:
    """The canvas on white."""
    colours = canvas[..., :3] * canvas[..., 3:] + (1 - canvas[..., 3:])
    image = np.ascontiguousarray((colours * 255 + 0.5).astype(np.uint8))
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = image.shape[1], image.shape[0], "rgb24"
    encoder.time_base = 1  # type: ignore[assignment]
    encoder.options = {"compression_level": "1"}
    packets = [*encoder.encode(VideoFrame.from_ndarray(image, format="rgb24")), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def _uint24(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")
