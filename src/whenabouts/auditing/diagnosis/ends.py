"""How far the ends of answers are off, with their sign: what an IoU hides, and what one number can mend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts
from whenabouts.metrics.bootstrap import Interval

__all__ = ["End", "Ends", "ends"]


@dataclass(frozen=True, slots=True)
class End:
    """Signed errors in seconds, the answer's end less the true one: early is negative.

    bias: their mean, with a 95 % interval over videos; spread: half of them lie between these two quartiles
    """

    bias: Interval
    median: float
    spread: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ends:
    """Of answers that overlap a true moment, since elsewhere the distance is that of another moment.

    shift: seconds by which the centre is late, below 0 early, in the median
    """

    queries: int
    start: End
    end: End
    shift: float

    @property
    def side(self) -> str | None:
        """Late or early, where starts and ends surely are both; else it is the length that is off, or nothing."""
        bounds = [bound for end in (self.start, self.end) for bound in (end.bias.low, end.bias.high)]
        if min(bounds) > 0 and self.shift > 0:
            return "late"
        return "early" if max(bounds) < 0 and self.shift < 0 else None


def ends(facts: Facts) -> Ends | None:
    """None where no answer overlaps a true moment."""
    among = facts.overlap > 0
    if not among.any():
        return None
    return Ends(
        int(among.sum()),
        _end(facts, facts.errors[:, 0], among),
        _end(facts, facts.errors[:, 1], among),
        float(np.median(facts.errors[among].mean(axis=1))),
    )


def _end(facts: Facts, errors: NDArray[np.float64], among: NDArray[np.bool_]) -> End:
    bias = facts.resampling.mean(errors, among, bounds=(-np.inf, np.inf))
    return End(bias, float(np.median(errors[among])), _quartiles(errors[among]))


def _quartiles(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(values, [0.25, 0.75])
    return float(low), float(high)
