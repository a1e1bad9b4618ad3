"""Frame vectors of a whole video, computed once and cached on disk by content.

The key of a cache file is made of the bytes of the video, the encoder's weights and the sampling rate, so it is never
used for another file, model or rate, and remains valid when a video is renamed or moved. Only vectors are kept in
memory, never all frames. A picture that repeats another is encoded once, unless every picture must be (`repeats`).
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.encoders.repeats import RepeatsEncodedOnce
from whenabouts.errors import VideoError
from whenabouts.files.atomic import replacing
from whenabouts.files.cache import cache_folder
from whenabouts.progress import Fraction
from whenabouts.video import Frame, Video
from whenabouts.video.clock import Grid

__all__ = ["Features", "video_features"]

FORMAT = 2  # increased when the meaning of a cache file changes
BATCH = 32  # frames in memory at once


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Vectors of frames.

    times:   (N,) float64: seconds on the video's clock, increasing
    vectors: (N, D) float32, one per time
    encoded: how many pictures went through the encoder to make them, now or when they were cached
    """

    times: NDArray[np.float64]
    vectors: NDArray[np.float32]
    encoded: int


def video_features(
    video: Video,
    encoder: Encoder,
    *,
    fps: float = 1.0,
    cache: bool = True,
    progress: Fraction | None = None,
    enough: Callable[[], bool] | None = None,
    repeats: bool = True,
) -> Features:
    """Vectors of the frames that are shown every 1/fps seconds; `times` are k / fps.

    Vectors have float16 precision, cached or not.

    cache:    read the result from, or write it to, `cache_folder()`; a damaged file is computed again, and a folder
              that cannot be written is ignored
    progress: receives the fraction done, in [0, 1]
    enough:   makes it possible to stop early: stretches from all over the video are encoded, each between earlier ones,
              until `enough()` returns True. Then `times` have gaps, and nothing is cached.
    repeats:  a picture that is the same as one before but for a codec's noise has its vector (`encoders.repeats`);
              False encodes every picture, as features for training are made

    Raises VideoError, ModelError.
    """
    way = _way(repeats, enough is not None)
    path = cache_folder() / "features" / f"{_key(video, encoder, fps, way)}.npz" if cache else None
    features = _read(path) if path else None
    if features is None:
        grid = Grid.of(fps, 0.0, video.duration)
        encode = RepeatsEncodedOnce(encoder) if repeats else _EveryPicture(encoder)
        features = _spread(video, encode, grid, progress, enough) if enough else _compute(video, encode, fps, progress)
        if path and (enough is None or len(features.times) == grid.count):
            _write(path, features)
    if progress:
        progress(1.0)
    return features


class _EveryPicture:
    """Encodes every picture, as `RepeatsEncodedOnce` does those that are new."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.encoded = 0

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float16]:
        self.encoded += len(images)
        return self.encoder.encode_images(images).astype(np.float16)


Pictures = RepeatsEncodedOnce | _EveryPicture


def _compute(video: Video, pictures: Pictures, fps: float, progress: Fraction | None) -> Features:
    parts: list[NDArray[np.float16]] = []
    count = 0
    for batch in _batches(video.sample(fps, size=pictures.encoder.size)):
        parts.append(pictures.encode([frame.image for frame in batch]))
        count += len(batch)
        if progress:
            progress(min(1.0, batch[-1].time / video.duration))
    if not parts:
        raise VideoError(f"{video.path} gave no picture that could be decoded")
    grid = Grid.of(fps, 0.0, video.duration)
    times = np.array([float(grid[k]) for k in range(count)])
    return Features(times, np.concatenate(parts).astype(np.float32), pictures.encoded)


def _spread(
    video: Video, pictures: Pictures, grid: Grid, progress: Fraction | None, enough: Callable[[], bool]
) -> Features:
    vectors: dict[int, NDArray[np.float16]] = {}
    stretches = -(-grid.count // BATCH)
    for done, number in enumerate(_evenly(stretches)):
        if done and enough():
            break
        first = number * BATCH
        frames = video.sample(float(1 / grid.step), start=float(grid[first]), size=pictures.encoder.size)
        batch = list(islice(frames, min(BATCH, grid.count - first)))
        if batch:
            vectors[first] = pictures.encode([frame.image for frame in batch])
        if progress:
            progress((done + 1) / stretches)
    if not vectors:
        raise VideoError(f"{video.path} gave no picture that could be decoded")
    known = sorted(vectors.items())
    times = np.array([float(grid[first + k]) for first, part in known for k in range(len(part))])
    return Features(times, np.concatenate([part for _, part in known]).astype(np.float32), pictures.encoded)


def _evenly(count: int) -> list[int]:
    """The numbers below `count` in van der Corput's order: any first few of them are spread evenly.

    >>> _evenly(6)
    [0, 4, 2, 1, 5, 3]
    """
    digits = max(1, (count - 1).bit_length())
    return [n for n in (int(f"{k:0{digits}b}"[::-1], 2) for k in range(2**digits)) if n < count]


def _batches(frames: Iterator[Frame]) -> Iterator[list[Frame]]:
    while batch := list(islice(frames, BATCH)):
        yield batch


def _way(repeats: bool, spread: bool) -> str:
    """What decides which of two pictures that are the same is encoded: the first one in the order of reading."""
    return ("repeats once, spread" if spread else "repeats once") if repeats else "every picture"


def _key(video: Video, encoder: Encoder, fps: float, way: str) -> str:
    parts = f"{FORMAT} {video.sha256} {encoder.name} {encoder.sha256} {encoder.size} {float(fps)!r} {way}"
    return hashlib.sha256(parts.encode()).hexdigest()


def _read(path: Path) -> Features | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            times, vectors, encoded = stored["times"], stored["vectors"], stored["encoded"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if times.ndim != 1 or vectors.ndim != 2 or len(times) != len(vectors) or not len(times) or encoded.shape:
        return None
    return Features(times.astype(np.float64), vectors.astype(np.float32), int(encoded))


def _write(path: Path, features: Features) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part, part.open("wb") as file:
            vectors = features.vectors.astype(np.float16)
            np.savez(file, times=features.times, vectors=vectors, encoded=features.encoded)
