"""Selective prediction: how often answers are wrong when only the surest of them are given.

The risk at a coverage is the share of wrong answers among those given. Answers of equal confidence are given in no
order: the risk among them is its mean over all orders.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["accuracy_at_coverage", "aurc", "e_aurc", "risks"]


def risks(confidence: ArrayLike, right: ArrayLike) -> NDArray[np.float64]:
    """(N,) the risk when the 1, 2, … N surest answers are given. Raises ValueError for NaN or unequal lengths.

    >>> risks([0.9, 0.8, 0.8, 0.1], [True, True, False, False]).round(3).tolist()
    [0.0, 0.25, 0.333, 0.5]
    """
    sure, wrong = np.asarray(confidence, np.float64), ~np.asarray(right, bool)
    if sure.shape != wrong.shape or sure.ndim != 1:
        raise ValueError(f"confidences {sure.shape} need as many answers whether they are right, got {wrong.shape}")
    if np.isnan(sure).any():
        raise ValueError("a confidence is not a number")
    _, group, count = np.unique(-sure, return_inverse=True, return_counts=True)
    shared = np.bincount(group, weights=wrong, minlength=len(count)) / count
    given = np.arange(1, len(sure) + 1)
    errors: NDArray[np.float64] = np.cumsum(np.repeat(shared, count))
    return errors / given


def aurc(confidence: ArrayLike, right: ArrayLike) -> float:
    """The area under risk against coverage: the mean of `risks`. 0 is best; NaN of nothing."""
    risk = risks(confidence, right)
    return float(risk.mean()) if len(risk) else float("nan")


def e_aurc(confidence: ArrayLike, right: ArrayLike) -> float:
    """`aurc` above that of the same answers in the best order, all right ones before all wrong ones; 0 is best.

    >>> e_aurc([0.9, 0.1], [True, False])
    0.0
    """
    return aurc(confidence, right) - aurc(np.asarray(right, np.float64), right)


def accuracy_at_coverage(confidence: ArrayLike, right: ArrayLike, coverage: float) -> float:
    """The share of right answers among the surest `coverage` of them, at least one. Raises ValueError out of (0, 1].

    >>> accuracy_at_coverage([0.9, 0.8, 0.2, 0.1], [True, True, False, False], 0.5)
    1.0
    """
    if not 0 < coverage <= 1:
        raise ValueError(f"a coverage is above 0 and at most 1, not {coverage}")
    risk = risks(confidence, right)
    return 1.0 - float(risk[max(0, int(np.ceil(coverage * len(risk) - 1e-9)) - 1)]) if len(risk) else float("nan")
