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


def pooled(frames: Iterable[tuple[float, Vector]], duration: float, *, step: float = 0.0) -> Iterator[Shot]:
    """Stretches of frames (time, vector), in order; nothing but the stretch under way is held in memory.

    Frames lie `step` seconds apart: between two stretches the cut is taken to be half-way. The first begins at 0, the
    last ends at `duration`, and they follow one another without a gap.
    """
    start, opened = 0.0, 0.0
    total: NDArray[np.float64] | None = None
    count = 0
    for time, vector in frames:
        if total is not None and (time - opened >= LONGEST or _cosine(total, vector) < ALIKE):
            edge = time - step / 2
            yield Shot(start, edge, (total / count).astype(np.float32))
            start, opened, total = edge, time, None
        total, count = (vector.astype(np.float64), 1) if total is None else (total + vector, count + 1)
    if total is not None and start < duration:
        yield Shot(start, duration, (total / count).astype(np.float32))


def _cosine(a: NDArray[np.float64], b: Vector) -> float:
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))
