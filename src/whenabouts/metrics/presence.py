"""Whether a query happens at all: how well scores tell queries that do from those that do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["auroc", "fpr_at_tpr", "rejection_f1"]


def auroc(scores: ArrayLike, happens: ArrayLike) -> float:
    """P(the score of a query that happens is above that of one that does not); a tie counts one half.

    NaN where there is no query of one of the two. Raises ValueError for scores that are NaN, or of another length.

    >>> auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, False])
    0.875
    """
    score, y = _checked(scores, happens)
    if y.all() or not y.any():
        return float("nan")
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]  # the mean of the ranks that tied scores share
    positives = int(y.sum())
    return float((rank[y].sum() - positives * (positives + 1) / 2) / (positives * (len(y) - positives)))


def fpr_at_tpr(scores: ArrayLike, happens: ArrayLike, tpr: float = 0.95) -> float:
    """Share of the queries that do not happen which score at or above the threshold that `tpr` of the others reach.

    NaN where there is no query of one of the two.

    >>> fpr_at_tpr([0.9, 0.5, 0.6, 0.1], [True, True, False, False])
    0.5
    """
    score, y = _checked(scores, happens)
    if y.all() or not y.any():
        return float("nan")
    positives = np.sort(score[y])[::-1]
    threshold = positives[max(0, int(np.ceil(tpr * len(positives) - 1e-9)) - 1)]
    return float((score[~y] >= threshold).mean())


def rejection_f1(rejected: ArrayLike, happens: ArrayLike) -> float:
    """The F1 of saying that a query does not happen; 0 where none is rejected rightly.

    >>> rejection_f1([True, True, False], [True, False, True])
    0.6666666666666666
    """
    said, y = np.asarray(rejected, bool), np.asarray(happens, bool)
    if said.shape != y.shape:
        raise ValueError(f"rejections {said.shape} need as many answers whether they happen, got {y.shape}")
    right = int((said & ~y).sum())
    wrong = int((said & y).sum()) + int((~said & ~y).sum())
    return 2 * right / (2 * right + wrong) if right else 0.0


def _checked(scores: ArrayLike, happens: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    score, y = np.asarray(scores, np.float64), np.asarray(happens, bool)
    if score.shape != y.shape or score.ndim != 1:
        raise ValueError(f"scores {score.shape} need as many answers whether they happen, got {y.shape}")
    if np.isnan(score).any():
        raise ValueError("a score is not a number")
    return score, y
