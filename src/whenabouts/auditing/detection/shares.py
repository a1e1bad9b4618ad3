"""Shares of several kinds in all that was counted, with intervals over videos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.metrics.bootstrap import Interval

__all__ = ["shares_of"]

ROUNDS = 1000


def shares_of(
    counts: Mapping[str, NDArray[Any]], video: NDArray[np.intp], *, confidence: float = 0.95, seed: int = 0
) -> dict[str, Interval]:
    """The share of each kind in the sum of all, from counts (P,) of rows of videos (P,); empty where all are 0.

    Percentile bootstrap over videos, with all their rows; deterministic for a seed.
    """
    _, number = np.unique(video, return_inverse=True)
    videos = int(number.max(initial=-1)) + 1
    table = np.stack([np.bincount(number, weights=row, minlength=videos) for row in counts.values()], axis=1)
    if not table.any():
        return {}
    rng, tail = np.random.default_rng(seed), (1 - confidence) / 2
    drawn = np.stack([table[rng.integers(videos, size=videos)].sum(axis=0) for _ in range(ROUNDS)])
    drawn = drawn[drawn.any(axis=1)]
    bounds = np.quantile(drawn / drawn.sum(axis=1, keepdims=True), [tail, 1 - tail], axis=0)
    shares = table.sum(axis=0) / table.sum()
    rows = zip(counts, shares.tolist(), *bounds.tolist(), strict=True)
    return {name: Interval(share, low, high) for name, share, low, high in rows}
