"""How soon what is told becomes right, and how often it is told again. Definitions of our own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.metrics.online.answer import Floats, OnlineAnswer
from whenabouts.moment import tiou

__all__ = ["first_correct", "revisions"]


def first_correct(answer: OnlineAnswer, threshold: float = 0.5) -> Floats:
    """When what was known first had IoU >= threshold with each true window: (M,) seconds, NaN for never.

    A moment that goes on reaches to the present, so that it may become right with nothing told anew.
    """
    first = np.full(len(answer.truths), np.inf)
    told_of = answer.history[np.lexsort((answer.history[:, 1], answer.history[:, 0]))]
    same = np.append(told_of[1:, 0] == told_of[:-1, 0], False)[: len(told_of)]
    untils = np.where(same, np.append(told_of[1:, 1], 0.0)[: len(told_of)], np.inf)  # what is told holds until then
    for (_, told, start, end), again in zip(told_of.tolist(), untils.tolist(), strict=True):
        for i, (true_start, true_end) in enumerate(answer.truths):
            if np.isnan(end):
                reached = max(start, true_start) + threshold * (true_end - min(start, true_start))
                at, until = max(told, reached), max(told, reached)
            else:
                at, until = told, end
            if at <= again and start < until and tiou((start, until), (true_start, true_end)) >= threshold - 1e-9:
                first[i] = min(first[i], at)
    first[np.isinf(first)] = np.nan
    return first


def revisions(answers: Sequence[OnlineAnswer]) -> float:
    """How often a moment was told of again while it went on, on average; NaN without moments."""
    moments = sum(len(answer.moments) for answer in answers)
    going_on = sum(int(np.isnan(answer.history[:, 3]).sum()) for answer in answers)
    return (going_on - moments) / moments if moments else float("nan")
