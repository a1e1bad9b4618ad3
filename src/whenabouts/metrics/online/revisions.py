"""How soon what is told becomes right, and how often it is told again. Definitions of our own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.metrics.online.answer import Floats, OnlineAnswer

__all__ = ["first_correct", "revisions"]


def first_correct(answer: OnlineAnswer, threshold: float = 0.5) -> Floats:
    """When what was known first had IoU >= threshold with each true window: (M,) seconds, NaN for never.

    A moment that goes on reaches to the present, so that it may become right with nothing told anew.
    """
    if not len(answer.history) or not len(answer.truths):
        return np.full(len(answer.truths), np.nan)
    rows = answer.history[np.lexsort((answer.history[:, 1], answer.history[:, 0]))]
    same = rows[1:, 0] == rows[:-1, 0]
    again = np.append(np.where(same, rows[1:, 1], np.inf), np.inf)[:, None]  # what is told holds until then
    _, told, start, end = np.hsplit(rows, 4)
    true_start, true_end = answer.truths.T
    reached = np.maximum(start, true_start) + threshold * (true_end - np.minimum(start, true_start))
    at = np.where(np.isnan(end), np.maximum(told, reached), told)
    until = np.where(np.isnan(end), at, end)
    shared = np.minimum(until, true_end) - np.maximum(start, true_start)
    hull = np.maximum(until, true_end) - np.minimum(start, true_start)
    right = (at <= again) & (start < until) & (shared > 0) & (shared >= (threshold - 1e-9) * hull)
    first = np.where(right, at, np.inf).min(axis=0)
    return np.where(np.isinf(first), np.nan, first)


def revisions(answers: Sequence[OnlineAnswer]) -> float:
    """How often a moment was told of again while it went on, on average; NaN without moments."""
    moments = sum(len(answer.moments) for answer in answers)
    going_on = sum(int(np.isnan(answer.history[:, 3]).sum()) for answer in answers)
    return (going_on - moments) / moments if moments else float("nan")
