"""Pooling: frames in a row that look alike become one stretch with one vector, so that an hour is hundreds of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Shot", "pooled"]

ALIKE = 0.9  # cosine of a frame with the mean of its stretch, from which it joins
LONGEST = 10.0  # seconds of one stretch

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shot:
    """[start, end) in seconds and the mean of its frames' vectors."""

    start: float
    end: float
    vector: Vector


def pooled(frames: Iterable[tuple[float, Vector]], duration: float) -> Iterator[Shot]:
    """Stretches of frames (time, vector), in order; nothing but the stretch under way is held in memory."""
    start, total, count = 0.0, None, 0
    for time, vector in frames:
        if total is None:
            start, total, count = time, vector.astype(np.float64), 1
        elif time - start < LONGEST and _cosine(total, vector) >= ALIKE:
            total, count = total + vector, count + 1
        else:
            yield Shot(start, time, (total / count).astype(np.float32))
            start, total, count = time, vector.astype(np.float64), 1
    if total is not None and start < duration:
        yield Shot(start, duration, (total / count).astype(np.float32))


def _cosine(a: NDArray[np.float64], b: Vector) -> float:
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))
