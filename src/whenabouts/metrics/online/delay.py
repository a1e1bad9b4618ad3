"""Delay: how long after a moment truly starts, and ends, that is told; negative where it is told too early.

The usual figures are signed means over hits (`metrics.online.onvtg`), in which early and late cancel. Here absolute
delays stand beside them, and the share that came early. Definitions of our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from whenabouts.metrics.online.answer import OnlineAnswer

__all__ = ["Delay", "Delays", "delays", "summary"]


@dataclass(frozen=True, slots=True)
class Delay:
    """Delays in seconds over hits; every field is NaN where there is no hit.

    mean, median:                   signed
    absolute_median, absolute_p90:  of the absolute values
    early:                          share that was told before it was true, in [0, 1]
    """

    mean: float
    median: float
    absolute_median: float
    absolute_p90: float
    early: float


@dataclass(frozen=True, slots=True)
class Delays:
    """Delays of starts and of ends over `hits`, which are so many of all `truths`: true windows of all queries."""

    hits: int
    truths: int
    start: Delay
    end: Delay


def delays(answers: Sequence[OnlineAnswer], threshold: float = 0.5) -> Delays:
    """Delays of the moments that found a true window (`OnlineAnswer.matched`, IoU >= threshold).

    >>> late = OnlineAnswer([[10, 20]], [[12, 21]], [1.0], [[10, 20]], 60)
    >>> delays([late]).start.median
    2.0
    """
    late = [np.zeros((0, 2))]
    for answer in answers:
        found = answer.matched(threshold)
        late.append(answer.emitted[found >= 0] - answer.truths[found[found >= 0]])
    table = np.concatenate(late)
    return Delays(len(table), sum(len(a.truths) for a in answers), summary(table[:, 0]), summary(table[:, 1]))


def summary(seconds: ArrayLike) -> Delay:
    """The figures of delays (H,) in seconds."""
    late = np.asarray(seconds, dtype=np.float64)
    if not len(late):
        return Delay(*[float("nan")] * 5)
    off = np.abs(late)
    figures = late.mean(), np.median(late), np.median(off), np.quantile(off, 0.9), (late < 0).mean()
    return Delay(*map(float, figures))
