"""How loud a video is over time, for a page that draws it: read piece by piece, kept by the content of the file.

A piece of five minutes is decoded once, in a stream, and kept as one byte per hundredth of a second; every coarser view
is made of these. Finer views are decoded anew, which is cheap since they are short.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenabouts.files.cache import cache_folder, keeps
from whenabouts.files.kept import keep, kept
from whenabouts.video import Video
from whenabouts.video.part import Part
from whenabouts.video.samples import RATE, has_sound, samples

__all__ = ["Waveform", "waveform"]

PIECE = 300  # seconds that are decoded and kept together
STEP = 0.01  # seconds of a kept height
BINS = round(PIECE / STEP)
FORMAT = 1  # of a kept piece
Heights = NDArray[np.uint8]


class Waveform(NamedTuple):
    """Heights of equal parts of a stretch of sound: 0 to 255, None where it was not decoded yet.

    A height is 255 times the square root of the largest absolute sample, so that quiet speech can be seen.
    """

    heights: list[int | None]
    partial: bool = False


def waveform(video: Video, start: float, end: float, count: int) -> Waveform:
    """The heights of `count` equal parts of [start, end) seconds; of no part where the video has no sound.

    At most one piece is decoded by a call: where the answer is partial, ask again.
    """
    if not has_sound(video):
        return Waveform([])
    end = min(end, video.duration)
    if not start < end:
        return Waveform([None] * count)
    if (end - start) / count < STEP:
        return Waveform(_loudest(_decoded(video, start, end, count), count))
    first, last = int(start // PIECE), math.ceil(end / PIECE)
    known: list[Heights | None] = []
    decoded = False
    for number in range(first, last):
        piece = _kept(video, number)
        if piece is None and not decoded:
            piece, decoded = _read(video, number), True
        known.append(piece)
    rows = [np.full(BINS, -1, np.int16) if piece is None else piece.astype(np.int16) for piece in known]
    origin = first * PIECE
    edges = np.rint(np.linspace((start - origin) / STEP, (end - origin) / STEP, count + 1)).astype(int)
    return Waveform(_loudest(np.concatenate(rows), count, edges), partial=any(piece is None for piece in known))


def _loudest(heights: NDArray[np.int16], count: int, edges: NDArray[np.int_] | None = None) -> list[int | None]:
    """The largest of each of `count` parts, None for those without any that is known."""
    if edges is None:
        edges = np.rint(np.linspace(0, len(heights), count + 1)).astype(int)
    parts = (heights[a : max(a + 1, b)] for a, b in pairwise(edges))
    best = [int(part.max()) if len(part) else -1 for part in parts]
    return [None if height < 0 else height for height in best]


def _kept(video: Video, number: int) -> Heights | None:
    content = kept(cache_folder() / "waveform" / f"{video.sha256}-{number}-{FORMAT}")
    return None if content is None else np.frombuffer(content, np.uint8)


def _read(video: Video, number: int) -> Heights:
    start = number * PIECE
    end = min(start + PIECE, video.duration)
    piece = np.zeros(BINS, np.uint8)
    for at, heights in _heights(video, start, end, round(STEP * RATE)):
        piece[at : at + len(heights)] = heights[: BINS - at]
    if keeps():
        keep(cache_folder() / "waveform" / f"{video.sha256}-{number}-{FORMAT}", piece.tobytes())
    return piece


def _decoded(video: Video, start: float, end: float, count: int) -> NDArray[np.int16]:
    """Heights as fine as `count` parts need, at most one per sample."""
    size = max(1, math.floor((end - start) * RATE / count))
    rows = [heights for _, heights in _heights(video, start, end, size)]
    return np.concatenate([*rows, np.zeros(0, np.uint8)]).astype(np.int16)


def _heights(video: Video, start: float, end: float, size: int) -> Iterator[tuple[int, Heights]]:
    """The heights of each `size` samples of [start, end), in blocks with the number of their first."""
    held, at = np.zeros(0, np.float32), 0
    for block in samples(Part(video, start, end)):
        held = np.concatenate([held, block])
        whole = len(held) // size
        if whole:
            yield at, _height(held[: whole * size].reshape(whole, size))
            held, at = held[whole * size :], at + whole
    if len(held):
        yield at, _height(held[None])


def _height(rows: NDArray[np.float32]) -> Heights:
    peaks = np.clip(np.nan_to_num(np.abs(rows).max(axis=1)), 0, 1)
    heights: Heights = np.rint(255 * np.sqrt(peaks)).astype(np.uint8)
    return heights
