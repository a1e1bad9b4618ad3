"""Rejection by a threshold on the score of the first window, as in NA-VMR (arXiv:2502.08544)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.metrics.relevance import confusion

__all__ = ["THRESHOLDS", "official_curves", "rejection"]

THRESHOLDS = (*(round(0.05 * i, 2) for i in range(1, 20)), 0.98, 0.99)
POSITIVES = 1550  # of the validation split of QVHighlights: the official code divides by it on every data set


def rejection(scores: ArrayLike, happens: ArrayLike, hits: ArrayLike, threshold: float) -> dict[str, float]:
    """Shares of negatives rejected, of positives accepted, and of positives that are accepted and hit.

    scores: (Q,) of the first windows, -inf where there is none; hits: (Q,) whether the first window is right.

    >>> rejection([0.9, 0.2, 0.7, 0.1], [True, True, False, False], [True, True, False, False], 0.5)
    {'rejected': 0.5, 'accepted': 0.5, 'recall': 0.5}
    """
    so = np.asarray(happens, bool)
    kept = np.asarray(scores, np.float64) >= threshold
    counts = confusion(kept, so)
    found = int((kept & so & np.asarray(hits, bool)).sum())
    positives = counts.tp + counts.fn
    return {
        "rejected": counts.of_absence.recall,
        "accepted": counts.recall,
        "recall": found / positives if positives else 0.0,
    }


def official_curves(
    windows: ArrayLike,
    scores: ArrayLike,
    truths: Sequence[NDArray[np.float64]],
    thresholds: Sequence[float] = THRESHOLDS,
) -> dict[str, list[float]]:
    """The lists of the authors' `precision_recall_curve.py`, by threshold.

    A positive whose window is in the wrong place counts as a false negative, whatever its score; what they call
    accepted positives is therefore recall of moments; the share of positives above the threshold is of 1550. Raises
    ZeroDivisionError where they do.

    windows: (Q, 2) first windows in seconds; truths: (M, 2) per query, none where it does not happen.
    """
    first, score = np.asarray(windows, np.float64), np.asarray(scores, np.float64)
    so = np.array([len(truth) > 0 for truth in truths], bool)
    hit = np.array([bool(so[i] and _overlap(first[i], truth) > 0.5) for i, truth in enumerate(truths)], bool)
    curves: dict[str, list[float]] = {
        name: []
        for name in ("frac_neg_rejected", "frac_pos_accepted", "frac_base_pos_threshold", "precision", "recall")
    }
    for threshold in thresholds:
        kept, refused = score >= threshold, score < threshold  # neither, of a score that is NaN
        right, wrong = int((kept & hit).sum()), int((kept & ~so).sum())
        missed = int(((kept & so & ~hit) | (refused & so)).sum())
        rejected = int((refused & ~so).sum())
        curves["frac_neg_rejected"].append(rejected / (rejected + wrong))
        curves["frac_pos_accepted"].append(right / (right + missed))
        curves["frac_base_pos_threshold"].append(int((kept & so).sum()) / POSITIVES)
        curves["precision"].append(right / (right + wrong))
        curves["recall"].append(right / (right + missed))
    return curves


def _overlap(window: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """The best overlap over the hull; NaN if one of them is 0/0, and then no hit."""
    shared = np.maximum(0, np.minimum(window[1], truth[:, 1]) - np.maximum(window[0], truth[:, 0]))
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.max(shared / (np.maximum(window[1], truth[:, 1]) - np.minimum(window[0], truth[:, 0]))))
