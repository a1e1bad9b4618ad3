"""From several answers of one model to one: intervals that agree, how far they scatter, and how many found anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whenabouts.moment import tiou

__all__ = ["Agreed", "consensus"]

AGREEING_TIOU = 0.3  # from which two answers name the same moment
Window = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A moment that several answers name: the medians of its ends, in seconds.

    share:                   of the answers that name it
    start_spread, end_spread: half the interquartile range of its ends, in seconds
    """

    start: float
    end: float
    share: float
    start_spread: float
    end_spread: float


def consensus(answers: Sequence[Sequence[Window]]) -> list[Agreed]:
    """Moments of K answers, best supported first; an answer may hold several windows or none.

    Windows are clustered greedily: the one that most answers agree with gathers those, and so on with the rest.
    """
    rest = [(k, window) for k, windows in enumerate(answers) for window in windows]
    found: list[Agreed] = []
    while rest:
        table = np.array([window for _, window in rest])
        agree = tiou(table, table) >= AGREEING_TIOU
        sources = np.array([k for k, _ in rest])
        support = [len(set(sources[row])) for row in agree]
        cluster = agree[int(np.argmax(support))]
        low, middle, high = np.percentile(table[cluster], [25, 50, 75], axis=0)
        share = len(set(sources[cluster])) / len(answers)
        spread = (high - low) / 2
        found.append(Agreed(float(middle[0]), float(middle[1]), share, float(spread[0]), float(spread[1])))
        rest = [one for one, taken in zip(rest, cluster, strict=True) if not taken]
    return sorted(found, key=lambda moment: -moment.share)
