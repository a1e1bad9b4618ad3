"""A video through an encoder: pictures are decoded and scaled ahead in a thread, while those before are encoded.

Only vectors are kept in memory, never all frames. A picture that repeats another is encoded once, unless every picture
must be (`repeats`). Nothing is read from or written to a cache here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, islice

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.encoders.repeats import RepeatsEncodedOnce
from whenabouts.errors import VideoError
from whenabouts.progress import Fraction as Progress
from whenabouts.video import Frame, Video
from whenabouts.video.ahead import ahead
from whenabouts.video.clock import Grid
from whenabouts.video.viewer import Viewer

__all__ = ["Features", "look"]

STRETCH = 32  # frames that are encoded at once, unless the encoder takes more


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Vectors of frames.

    times:   (N,) float64: seconds on the video's clock, increasing
    half:    (N, D) float16, one vector per time; where it was cached, it is mapped from the file
    encoded: how many pictures went through the encoder to make them, now or when they were cached
    kept_as: tells these vectors from all others in the cache; None where they are not in it
    """

    times: NDArray[np.float64]
    half: NDArray[np.float16]
    encoded: int
    kept_as: str | None = None

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The vectors as (N, D) float32: a copy, which of ten hours takes 400 MB."""
        return self.half.astype(np.float32)


def look(
    video: Video,
    encoder: Encoder,
    grid: Grid,
    *,
    progress: Progress | None = None,
    enough: Callable[[], bool] | None = None,
    repeats: bool = True,
    viewer: Viewer | None = None,
) -> Features:
    """Vectors, with float16 precision, of the pictures on show at the times of `grid`.

    progress: receives the fraction done, in [0, 1]
    enough:   makes it possible to stop early: stretches from all over the grid are encoded, each between earlier ones,
              until `enough()` returns True, and `times` have gaps
    repeats:  a picture that is the same as one before but for a codec's noise has its vector; False encodes every one
    viewer:   sees its pictures on the way, where nothing may stop early and the grid has all its times

    Raises VideoError, ModelError.
    """
    pictures = RepeatsEncodedOnce(encoder) if repeats else _EveryPicture(encoder)
    length: int = STRETCH if enough else max(STRETCH, getattr(encoder, "batch", 0))
    frames = _spread(video, grid, encoder.size) if enough else _in_order(video, grid, encoder.size, viewer)
    vectors: dict[int, NDArray[np.float16]] = {}
    seen = 0
    with closing(ahead(frames, lambda picture: picture[1].image.nbytes)) as decoded:
        for stretch, group in groupby(decoded, key=lambda picture: picture[0] // length):
            if vectors and enough and enough():
                break
            vectors[stretch] = pictures.encode([frame.image for _, frame in group])
            seen += len(vectors[stretch])
            if progress:
                progress(min(1.0, seen / grid.count))
    if not vectors:
        raise VideoError(f"{video.path} gave no picture that could be decoded")
    known = sorted(vectors.items())
    times = np.array([float(grid[length * stretch + k]) for stretch, part in known for k in range(len(part))])
    return Features(times, np.concatenate([part for _, part in known]), pictures.encoded)


class _EveryPicture:
    """Encodes every picture, as `RepeatsEncodedOnce` does those that are new."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.encoded = 0

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float16]:
        self.encoded += len(images)
        return self.encoder.encode_images(images).astype(np.float16)


def _in_order(video: Video, grid: Grid, size: int, viewer: Viewer | None) -> Iterator[tuple[int, Frame]]:
    """Every picture of the grid, with its number."""
    every = Grid.of(viewer.fps, 0.0, video.duration).step / grid.step if viewer else Fraction(0)
    if viewer is None or grid.start or every.denominator > 1:
        frames = _from(video, grid, 0, size)
    else:
        frames = _shared(video.in_two_sizes(float(1 / grid.step), size, viewer.size, every=int(every)), viewer)
    yield from enumerate(islice(frames, grid.count))


def _shared(pairs: Iterator[tuple[Frame, Frame | None]], viewer: Viewer) -> Iterator[Frame]:
    for frame, beside in pairs:
        if beside is not None:
            viewer.see(beside)
        yield frame


def _spread(video: Video, grid: Grid, size: int) -> Iterator[tuple[int, Frame]]:
    """The same pictures, but one stretch after the other in an order that spreads them."""
    for stretch in _evenly(-(-grid.count // STRETCH)):
        first = STRETCH * stretch
        yield from enumerate(islice(_from(video, grid, first, size), min(STRETCH, grid.count - first)), first)


def _from(video: Video, grid: Grid, first: int, size: int) -> Iterator[Frame]:
    return video.sample(float(1 / grid.step), start=float(grid[first]), size=size)


def _evenly(count: int) -> list[int]:
    """The numbers below `count` in van der Corput's order: any first few of them are spread evenly.

    >>> _evenly(6)
    [0, 4, 2, 1, 5, 3]
    """
    digits = max(1, (count - 1).bit_length())
    return [n for n in (int(f"{k:0{digits}b}"[::-1], 2) for k in range(2**digits)) if n < count]
