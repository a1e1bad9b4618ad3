"""BOLT: frames drawn where their share of all scores lies, by inverse transform sampling (2503.21483).

Rule, from the official `select_frames.py` (github.com/sming256/BOLT, commit 8a9ba45). Scores are scaled to [0, 1] and
raised to a power, 3 in the paper; at n even points from 1/n to 1 - 1/n of their cumulative sum stands a frame.

Departures, which `strict_official` takes back:

- equal scores give evenly spread frames; officially a division by zero makes every one of them the first frame;
- a frame is drawn once: a point whose frame is taken gets the nearest one that is free, the earlier of two. Officially
  it stands twice, and of one sharp peak all n frames are the same picture;
- for n of 1 and 2 the points are the middles of n equal parts; the official ones are the very end, and the same twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.selection.scored import Indices, Looked, ScoredSelector
from whenabouts.selection.uniform import evenly

__all__ = ["BOLT", "bolt"]

POWER = 3.0


def bolt(
    scores: NDArray[np.floating[Any]], budget: int, *, power: float = POWER, strict_official: bool = False
) -> Indices:
    """Frames for scores (N,) in order of time, N >= budget: `budget` numbers that increase; they may repeat if strict.

    >>> bolt(np.array([0.0, 0, 1, 0, 0, 0]), 3)
    array([1, 2, 3])
    >>> bolt(np.array([0.0, 0, 1, 0, 0, 0]), 3, strict_official=True)
    array([2, 2, 2])
    """
    points = np.linspace(1 / budget, 1 - 1 / budget, budget)
    above = scores - scores.min()
    if strict_official:
        with np.errstate(invalid="ignore"):
            return np.searchsorted(_shares(above, power), points)
    if not above.any():
        return evenly(len(scores), budget)
    if budget < 3:
        points = (np.arange(budget) + 0.5) / budget
    return _distinct(np.searchsorted(_shares(above, power), points), len(scores))


def _shares(above: NDArray[np.floating[Any]], power: float) -> NDArray[np.floating[Any]]:
    """The cumulative sum of scores that begin with 0, after scaling; it ends with 1."""
    weights = (above / above.max()) ** power
    sums: NDArray[np.floating[Any]] = np.cumsum(weights / weights.sum())
    return sums


def _distinct(drawn: Indices, count: int) -> Indices:
    """Numbers below `count`, none twice: one that is taken becomes the nearest that is free."""
    taken = np.zeros(count, bool)
    for number in drawn:
        free = np.flatnonzero(~taken)
        taken[free[np.abs(free - number).argmin()]] = True
    return np.flatnonzero(taken)


@dataclass(kw_only=True)
class BOLT(ScoredSelector):
    """Inverse transform sampling of frames. Raises InputError for a power that is not positive.

    power:           to which scores in [0, 1] are raised: the higher, the more frames at the peaks
    strict_official: draw a frame as often as the official code does; a selection still shows it once
    """

    name = "bolt"

    power: float = POWER
    strict_official: bool = False

    def __post_init__(self) -> None:
        if not self.power > 0:
            raise InputError(f"the power of BOLT must be positive, got {self.power}")

    def rule(self, looked: Looked, budget: int) -> Indices:
        """The rule of the file's head; the official index behind the last frame is that frame."""
        drawn = bolt(looked.scores, budget, power=self.power, strict_official=self.strict_official)
        return np.minimum(drawn, len(looked.scores) - 1)
