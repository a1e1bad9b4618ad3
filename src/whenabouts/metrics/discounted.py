"""dR@n,IoU=m: recall that counts a hit less the farther its ends are from the truth (Yuan et al. 2021, 2101.09028).

Plain recall rewards long predictions where annotations are long; the discount α = (1 − |Δstart| / T)(1 − |Δend| / T),
with T the length of the video, does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.metrics.ranking import overlaps

__all__ = ["discounted_recall"]


def discounted_recall(
    predictions: Sequence[ArrayLike], truths: Sequence[ArrayLike], durations: ArrayLike, n: int, threshold: float
) -> float:
    """dR@n,IoU=m in [0, 1]: one true window [start, end] a query, `durations` (Q,) in seconds.

    Of the first n windows that reach `threshold` (>) the one with the least discount counts.

    >>> discounted_recall([[[0, 9]]], [[0, 10]], [10.0], n=1, threshold=0.5)
    0.9
    """
    reached = overlaps(predictions, truths, ranks=n) > threshold
    lengths = np.asarray(durations, dtype=np.float64)
    discounts: NDArray[np.float64] = np.zeros(reached.shape)
    for q, (answer, truth) in enumerate(zip(predictions, truths, strict=True)):
        rows = np.asarray(answer, dtype=np.float64).reshape(-1, np.shape(answer)[-1] if np.size(answer) else 2)[:n, :2]
        shift = np.minimum(np.abs(rows - np.asarray(truth, dtype=np.float64).reshape(2)) / lengths[q], 1.0)
        discounts[q, : len(rows)] = (1 - shift).prod(axis=1)
    return float((discounts * reached).max(axis=1).mean())
