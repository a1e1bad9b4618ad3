"""Confidence intervals by resampling videos, not queries: queries on one video succeed and fail together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "intervals_of_means"]


class Interval(NamedTuple):
    """A mean and the bounds that hold it with the given confidence."""

    mean: float
    low: float
    high: float


def intervals_of_means(
    values: Mapping[str, NDArray[np.floating[Any]]],
    videos: Sequence[object],
    *,
    confidence: float = 0.95,
    rounds: int = 2000,
    seed: int = 0,
) -> dict[str, Interval]:
    """The means of values (Q,), by name, with percentile bootstrap intervals over videos; `videos` names each query's.

    All are resampled alike. Deterministic for a seed. Raises ValueError when lengths differ or are zero.
    """
    rows = {name: np.asarray(row, dtype=np.float64) for name, row in values.items()}
    for row in rows.values():
        if len(row) != len(videos) or not len(row):
            raise ValueError(f"{len(row)} values need as many videos, got {len(videos)}")
    _, number = np.unique(np.array([str(video) for video in videos]), return_inverse=True)
    counts = np.bincount(number)
    rng = np.random.default_rng(seed)
    # drawing videos with replacement is drawing how often each appears
    often = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=rounds).astype(np.float64)
    drawn = often @ counts
    tail = (1 - confidence) / 2
    intervals = {}
    for name, row in rows.items():
        means = (often @ np.bincount(number, weights=row)) / drawn
        low, high = np.quantile(means, [tail, 1 - tail])
        intervals[name] = Interval(float(row.mean()), float(low), float(high))
    return intervals
