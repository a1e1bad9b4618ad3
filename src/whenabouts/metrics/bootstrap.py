"""Confidence intervals by resampling videos, not queries: queries on one video succeed and fail together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "interval_of_mean"]


class Interval(NamedTuple):
    """A mean and the bounds that hold it with the asked confidence."""

    mean: float
    low: float
    high: float


def interval_of_mean(
    values: NDArray[np.floating[Any]],
    videos: Sequence[object],
    *,
    confidence: float = 0.95,
    rounds: int = 2000,
    seed: int = 0,
) -> Interval:
    """The mean of values (Q,) with its percentile bootstrap interval over videos; `videos` names each query's.

    Deterministic for a seed. Raises ValueError when the two differ in length or are empty.
    """
    row = np.asarray(values, dtype=np.float64)
    if len(row) != len(videos) or not len(row):
        raise ValueError(f"{len(row)} values need as many videos, got {len(videos)}")
    _, number = np.unique(np.array([str(video) for video in videos]), return_inverse=True)
    sums, counts = np.bincount(number, weights=row), np.bincount(number)
    rng = np.random.default_rng(seed)
    # drawing videos with replacement is drawing how often each appears
    often = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=rounds)
    means = (often @ sums) / (often @ counts)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(row.mean()), float(low), float(high))
