"""Frame vectors of a whole video, computed once and cached on disk by content.

The key of a cache file is made of the bytes of the video, the encoder's weights and precision, and the sampling
rate, so it is never used for another file, model or rate, and remains valid when a video is renamed or moved. `looking`
makes the vectors.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from whenabouts.encoders import Encoder, precision
from whenabouts.encoders.looking import Features, look
from whenabouts.files.atomic import replacing
from whenabouts.files.cache import cache_folder
from whenabouts.progress import Fraction
from whenabouts.video import Video
from whenabouts.video.clock import Grid

__all__ = ["Features", "video_features"]

FORMAT = 2  # increased when the meaning of a cache file changes


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

    Raises VideoError, ModelError.
    """
    way = _way(repeats, enough is not None) + (f" from {start!r}" if start else "")
    path = cache_folder() / "features" / f"{_key(video, encoder, fps, way)}.npz" if cache else None
    features = _read(path) if path else None
    if features is None:
        grid = Grid.of(fps, start, video.duration)
        features = look(video, encoder, grid, progress=progress, enough=enough, repeats=repeats)
        if path and (enough is None or len(features.times) == grid.count):
            _write(path, features)
    if progress:
        progress(1.0)
    return features


def _way(repeats: bool, spread: bool) -> str:
    """What decides which of two pictures that are the same is encoded: the first one in the order of reading."""
    return ("repeats once, spread" if spread else "repeats once") if repeats else "every picture"


def _key(video: Video, encoder: Encoder, fps: float, way: str) -> str:
    made = f"{encoder.name} {encoder.sha256} {precision(encoder)} {encoder.size}"
    parts = f"{FORMAT} {video.sha256} {made} {float(fps)!r} {way}"
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
