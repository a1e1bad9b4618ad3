"""How soon what is told becomes right, and how often it is told again. Definitions of our own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.metrics.online.answer import Floats, OnlineAnswer
from whenabouts.moment import tiou

__all__ = ["first_correct", "revisions"]


def first_correct(answer: OnlineAnswer, threshold: float = 0.5) -> Floats:
    """When something that was told first had IoU >= threshold with each true window: (M,) seconds, NaN for never.

    A moment that goes on reaches until the time at which it was told of.
    """
    told = answer.history[np.argsort(answer.history[:, 1], kind="stable")]
    ends = np.where(np.isnan(told[:, 3]), told[:, 1], told[:, 3])
    whole = told[:, 2] < ends
    times, windows = told[whole, 1], np.column_stack([told[whole, 2], ends[whole]])
    first = np.full(len(answer.truths), np.nan)
    if len(windows) and len(first):
        right = tiou(windows, answer.truths) >= threshold
        reached = right.any(axis=0)
        first[reached] = times[np.argmax(right, axis=0)[reached]]
    return first


def revisions(answers: Sequence[OnlineAnswer]) -> float:
    """How often a moment was told of again while it went on, on average; NaN without moments."""
    moments = sum(len(answer.moments) for answer in answers)
    going_on = sum(int(np.isnan(answer.history[:, 3]).sum()) for answer in answers)
    return (going_on - moments) / moments if moments else float("nan")
