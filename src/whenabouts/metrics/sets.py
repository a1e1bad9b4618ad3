"""One query, many moments: F1 of the whole set, EtF1 over thresholds, and whether the count is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.moment import tiou

__all__ = ["count_accuracy", "et_f1", "set_f1"]


def set_f1(prediction: ArrayLike, truth: ArrayLike, threshold: float) -> float:
    """F1 in [0, 1] of two sets of windows, matched one to one, as many as can be, where IoU >= threshold.

    Two empty sets agree: 1. One empty set never agrees with a full one: 0.

    >>> set_f1([[0, 10], [20, 30]], [[0, 10]], 0.5)
    0.6666666666666666
    """
    a, b = (np.asarray(w, dtype=np.float64).reshape(-1, 2) for w in (prediction, truth))
    if not len(a) or not len(b):
        return float(len(a) == len(b))
    return 2 * _largest_matching(tiou(a, b) >= threshold) / (len(a) + len(b))


def et_f1(predictions: Sequence[ArrayLike], truths: Sequence[ArrayLike], thresholds: Sequence[float]) -> float:
    """Mean of `set_f1` over queries and thresholds."""
    scores = [set_f1(p, t, m) for p, t in zip(predictions, truths, strict=True) for m in thresholds]
    return float(np.mean(scores))


def count_accuracy(predictions: Sequence[ArrayLike], truths: Sequence[ArrayLike]) -> float:
    """The share of queries with as many predicted as true windows."""
    same = [np.size(p) // 2 == np.size(t) // 2 for p, t in zip(predictions, truths, strict=True)]
    return float(np.mean(same))


def _largest_matching(allowed: NDArray[np.bool_]) -> int:
    """The size of the largest one-to-one matching of rows with columns, by augmenting paths (Kuhn 1955)."""
    owner: dict[int, int] = {}

    def place(row: int, tried: set[int]) -> bool:
        for column in np.flatnonzero(allowed[row]).tolist():
            if column not in tried:
                tried.add(column)
                if column not in owner or place(owner[column], tried):
                    owner[column] = row
                    return True
        return False

    return sum(place(row, set()) for row in range(len(allowed)))
