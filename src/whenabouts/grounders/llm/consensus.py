"""From several answers of one model to one: intervals that agree, how far they scatter, and how many found anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whenabouts.moment import tiou

__all__ = ["Agreed", "consensus"]

SAME = 0.3  # tIoU from which two answers speak of one moment
Window = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A moment that several answers tell of, with medians of its ends, in seconds.

    share: of answers that tell of it        spreads: half the range of the middle half of them, in seconds
    """

    start: float
    end: float
    share: float
    start_spread: float
    end_spread: float


def consensus(answers: Sequence[Sequence[Window]]) -> list[Agreed]:
    """Moments of K answers, best supported first; an answer may hold several windows or none.

    Windows are taken greedily: the one that most others resemble gathers them, and so on with what is left.
    """
    told = [(k, window) for k, windows in enumerate(answers) for window in windows]
    found: list[Agreed] = []
    while told:
        table = np.array([window for _, window in told])
        alike = tiou(table, table) >= SAME
        who = np.array([k for k, _ in told])
        support = [len(set(who[row])) for row in alike]
        group = alike[int(np.argmax(support))]
        low, middle, high = np.percentile(table[group], [25, 50, 75], axis=0)
        share = len(set(who[group])) / len(answers)
        spread = (high - low) / 2
        found.append(Agreed(float(middle[0]), float(middle[1]), share, float(spread[0]), float(spread[1])))
        told = [one for one, taken in zip(told, group, strict=True) if not taken]
    return sorted(found, key=lambda moment: -moment.share)
