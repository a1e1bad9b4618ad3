"""Frame vectors of a video, computed once and cached on disk by content.

There is a folder for each video, encoder and way of encoding, named by the bytes of the video, the weights and their
precision, so that it is never used for another one, and remains valid when a video is renamed or moved. In it lies a
file for each rate. Vectors are never read into memory whole: they are mapped, and used block by block.

Pictures that were looked at already are not looked at again: vectors at a lower rate are rows of those at a multiple of
it, and those of a part of a video are rows of the whole's, where its instants are among the whole's. That holds where
no picture of the whole had the vector of another one: which one that is depends on where and how often one looks, and
an answer must not depend on what was asked before. `looking` makes the vectors.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction as Rational
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from whenabouts.encoders import Encoder, precision
from whenabouts.encoders.looking import Features, look
from whenabouts.files.atomic import replacing
from whenabouts.files.cache import cache_folder, keeping
from whenabouts.files.kept import not_kept
from whenabouts.files.sealed import is_sealed, seal
from whenabouts.progress import Fraction
from whenabouts.video import Video
from whenabouts.video.clock import NANOSECOND, Grid
from whenabouts.video.part import Part
from whenabouts.video.viewer import Viewer

__all__ = ["Features", "kept_features", "video_features"]

FORMAT = 4  # increased when the meaning of a cache file changes
NAME = re.compile(r"(\d+)-(\d+)\.npy")  # frames, in so many seconds


def video_features(
    video: Video,
    encoder: Encoder,
    *,
    fps: float = 1.0,
    start: float = 0.0,
    cache: bool = True,
    progress: Fraction | None = None,
    enough: Callable[[], bool] | None = None,
    repeats: bool = True,
    viewer: Viewer | None = None,
) -> Features:
    """Vectors of the frames that are shown every 1/fps seconds from `start` on; `times` are start + k / fps.

    Vectors have float16 precision, cached or not.

    cache:    read the result from, or write it to, `cache_folder()`; a damaged file is computed again, and a folder
              that cannot be written is ignored
    progress: receives the fraction done, in [0, 1]
    enough:   makes it possible to stop early: stretches from all over the video are encoded, each between earlier ones,
              until `enough()` returns True. Then `times` have gaps, and nothing is cached.
    repeats:  a picture that is the same as one before but for a codec's noise has its vector (`encoders.repeats`);
              False encodes every picture, as features for training are made
    viewer:   sees its pictures on the way, if the video is decoded for these vectors

    Raises VideoError, ModelError.
    """
    grid = Grid.of(fps, start, video.duration)
    way = _way(repeats, enough is not None) + (f" from {start!r}" if start else "")
    with keeping(cache):
        features = _known(video, encoder, replace(grid, start=Rational(0)), way) if cache else None
        if features is not None:
            features = replace(features, times=features.times + start)
        else:
            features = look(video, encoder, grid, progress=progress, enough=enough, repeats=repeats, viewer=viewer)
            if cache and (enough is None or len(features.times) == grid.count):
                path = _folder(video, encoder, way) / _name(grid.step)
                _write(path, features)
                features = replace(features, kept_as=_rows_of(path, 0, 1, len(features.times)))
    if progress:
        progress(1.0)
    return features


def kept_features(video: Video, encoder: Encoder, *, fps: float = 1.0) -> Features | None:
    """What `video_features` would find in the cache, None where it would have to look at the video."""
    return _known(video, encoder, Grid.of(fps, 0.0, video.duration), _way(repeats=True, spread=False))


def _way(repeats: bool, spread: bool) -> str:
    """What decides which of two pictures that are the same is encoded: the first one in the order of reading."""
    return ("repeats once, spread" if spread else "repeats once") if repeats else "every picture"


def _known(video: Video, encoder: Encoder, grid: Grid, way: str) -> Features | None:
    """The vectors of a grid on the clock of a video, from its own files or from those of what it is a part of."""
    places = [(video, grid)]
    while isinstance(video, Part):
        grid = replace(grid, start=grid.start + Rational(video.start))
        video = video.whole
        places.append((video, grid))
    times = np.arange(grid.count) * grid.step.numerator / grid.step.denominator
    for place, instants in places:
        for half, encoded, kept_as in _rows(_folder(place, encoder, way), instants):
            return Features(times[: len(half)], half, encoded, kept_as)
    return None


def _folder(video: Video, encoder: Encoder, way: str) -> Path:
    made = f"{encoder.name} {encoder.sha256} {precision(encoder)} {encoder.size}"
    parts = f"{FORMAT} {video.sha256} {made} {way}"
    return cache_folder() / "features" / hashlib.sha256(parts.encode()).hexdigest()


def _name(step: Rational) -> str:
    return f"{step.denominator}-{step.numerator}.npy"


def _rows_of(path: Path, first: int, every: int, count: int) -> str:
    """A name for rows of a file of vectors."""
    return f"{path.parent.name}/{path.name}[{first}::{every}][:{count}]"


def _rows(folder: Path, grid: Grid) -> Iterator[tuple[NDArray[np.float16], int, str]]:
    """The rows at the instants of a grid in every file that has them, that of the same rate first."""
    for every, path in sorted(_multiples(folder, grid.step)):
        first = round(grid.start / grid.step * every)
        if abs(grid.start - first * grid.step / every) > NANOSECOND or (read := _read(path)) is None:
            continue
        half, encoded = read
        chosen = half[first::every][: grid.count]
        # A video whose pictures end before it does has fewer rows than its grid.
        name = _rows_of(path, first, every, len(chosen))
        if every == 1 and not first and grid.count >= len(half):
            yield half, encoded, name
        elif len(chosen) == grid.count and encoded == len(half):  # else some are those of other pictures
            yield chosen, len(chosen), name


def _multiples(folder: Path, step: Rational) -> Iterator[tuple[int, Path]]:
    """The files whose rate is a multiple of the one that is asked for, and how many times it is."""
    with suppress(OSError):
        for path in folder.iterdir():
            if named := NAME.fullmatch(path.name):
                times = step * Rational(int(named[1]), int(named[2]) or 1)
                if times.denominator == 1:
                    yield times.numerator, path


def _read(path: Path) -> tuple[NDArray[np.float16], int] | None:
    """The vectors in a file, mapped into memory, and how many pictures were encoded for them."""
    if not is_sealed(path):
        return None
    try:
        with path.open("rb") as file:
            shape, offset = _header(file)
            file.seek(offset + 2 * shape[0] * shape[1])
            encoded = np.load(file, allow_pickle=False)
            if encoded.shape or encoded.dtype.kind != "i" or file.read(1):
                return None
            return np.memmap(file, "<f2", "r", offset, shape), int(encoded)
    except Exception:  # a damaged file ends in errors of any kind
        return None


def _header(file: BinaryIO) -> tuple[tuple[int, int], int]:
    """Rows and columns of the vectors that a file begins with, and where they begin. Raises ValueError."""
    npy.read_magic(file)
    shape, by_column, dtype = npy.read_array_header_1_0(file)
    if by_column or dtype != np.dtype("<f2") or len(shape) != 2 or 0 in shape:
        raise ValueError("not vectors of frames")
    return (shape[0], shape[1]), file.tell()


def _write(path: Path, features: Features) -> None:
    """Two arrays in the format of NumPy, one behind the other: the vectors, and the number of pictures encoded."""
    try:
        with replacing(path, folders=True, lasting=False) as part, part.open("wb") as file:
            np.save(file, features.half.astype("<f2", order="C", copy=False))
            np.save(file, np.int64(features.encoded))
        seal(path)
    except OSError as error:
        not_kept(path.parent, error)
