"""Pooling: consecutive frames that look alike become one stretch with one vector; an hour becomes hundreds of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Shot", "pooled"]

MIN_COSINE = 0.9  # between a frame and the mean of the stretch that it joins
MAX_SECONDS = 10.0  # of one stretch

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch [start, end) in seconds and the mean vector of its frames."""

    start: float
    end: float
    vector: Vector


def pooled(frames: Iterable[tuple[float, Vector]], duration: float, *, step: float = 0.0) -> Iterator[Shot]:
    """Stretches of the frames (time, vector), in order; only the current stretch is held in memory.

    Frames are `step` seconds apart, and the border of two stretches is half-way between their frames. The first stretch
    begins at 0, the last one ends at `duration`, and there are no gaps.
    """
    start, opened = 0.0, 0.0
    total: NDArray[np.float64] | None = None
    count = 0
    for time, vector in frames:
        if total is not None and (time - opened >= MAX_SECONDS or _cosine(total, vector) < MIN_COSINE):
            edge = time - step / 2
            yield Shot(start, edge, (total / count).astype(np.float32))
            start, opened, total = edge, time, None
        total, count = (vector.astype(np.float64), 1) if total is None else (total + vector, count + 1)
    if total is not None and start < duration:
        yield Shot(start, duration, (total / count).astype(np.float32))


def _cosine(a: NDArray[np.float64], b: Vector) -> float:
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))
