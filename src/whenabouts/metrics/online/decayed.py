"""oR@n,IoU=m and omAP: recall and precision that count a hit less the later it was told (OVG-HQ, arXiv:2508.11903).

A hit that is told at the end of the true window, or earlier, counts in full; one that comes `delay` seconds later
counts β(delay), the mean over the horizons 1, 3 and 5 s of a line from 1 down to 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from whenabouts.metrics.online.answer import Floats, OnlineAnswer

__all__ = ["HORIZONS", "online_average_precision", "online_map", "online_recall", "timeliness"]

HORIZONS = (1.0, 3.0, 5.0)  # seconds


def timeliness(delay: ArrayLike, horizons: Sequence[float] = HORIZONS) -> Floats:
    """β of delays in seconds, of any shape: 1 at 0 and below, 0 from the longest horizon on.

    >>> timeliness([0, 2, 6]).round(4).tolist()
    [1.0, 0.3111, 0.0]
    """
    late = np.asarray(delay, dtype=np.float64)[..., None]
    share: Floats = np.clip(1 - late / np.asarray(horizons, dtype=np.float64), 0, 1).mean(axis=-1)
    return share


def online_recall(
    answers: Sequence[OnlineAnswer], n: int, threshold: float, horizons: Sequence[float] = HORIZONS
) -> float:
    """oR@n,IoU=m in [0, 1] over the queries that happen; one without an answer counts 0.

    Of the first n moments that are right (IoU > m) the most timely one counts; which of them the paper does not say.
    NaN without such a query.
    """
    values = []
    for answer in answers:
        if len(answer.truths):
            moment, truth = np.nonzero(answer.overlaps[:n] > threshold)
            late = answer.emitted[moment, 1] - answer.truths[truth, 1]
            values.append(float(timeliness(late, horizons).max(initial=0.0)))
    return float(np.mean(values)) if values else float("nan")


def online_average_precision(answer: OnlineAnswer, threshold: float, horizons: Sequence[float] = HORIZONS) -> float:
    """One query's oAP in [0, 1]: the sum over ranks j of (β_j R_j − β_(j−1) R_(j−1)) · β_j P_j.

    A moment that is wrong (IoU <= m, or its window was found before) keeps the β of the hit before it, and βR counts
    as its greatest value so far, so that neither adds anything and oAP stays within 1. Both are ours, where the formula
    is silent or leaves [0, 1]; with one true window a query nothing differs from it.
    """
    found = answer.matched(threshold, strict=True)
    right = np.flatnonzero(found >= 0)
    if not len(right):
        return 0.0
    beta = timeliness(answer.emitted[right, 1] - answer.truths[found[right], 1], horizons)
    hits = np.arange(1, len(right) + 1)
    steps = np.diff(np.maximum.accumulate(beta * hits / len(answer.truths)), prepend=0.0)
    return float((steps * beta * hits / (right + 1)).sum())


def online_map(answers: Sequence[OnlineAnswer], threshold: float, horizons: Sequence[float] = HORIZONS) -> float:
    """The mean of oAP at IoU > m over the queries that happen, in [0, 1]; NaN without one."""
    values = [online_average_precision(a, threshold, horizons) for a in answers if len(a.truths)]
    return float(np.mean(values)) if values else float("nan")
