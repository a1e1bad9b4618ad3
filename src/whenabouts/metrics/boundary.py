"""Boundary error in seconds: what an IoU hides. The same IoU is a far larger error on long moments than on short."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["BoundaryOffsets", "boundary_error"]


@dataclass(frozen=True, slots=True)
class BoundaryOffsets:
    """Absolute offsets in seconds over queries: means and medians of start and end."""

    start_mean: float
    end_mean: float
    start_median: float
    end_median: float


def boundary_error(predictions: ArrayLike, truths: ArrayLike) -> BoundaryOffsets:
    """Errors of one predicted window per query against one true window: (Q, 2), (Q, 2) seconds.

    >>> boundary_error([[1, 5], [0, 9]], [[0, 5], [0, 8]]).start_mean
    0.5
    """
    gap = np.abs(np.asarray(predictions, dtype=np.float64) - np.asarray(truths, dtype=np.float64)).reshape(-1, 2)
    mean, median = gap.mean(axis=0), np.median(gap, axis=0)
    return BoundaryOffsets(float(mean[0]), float(mean[1]), float(median[0]), float(median[1]))
