"""How long answers are beside their moments: an IoU cannot tell, for length raises that of any misplaced window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts
from whenabouts.metrics.bootstrap import Interval

__all__ = ["Lengths", "lengths"]

OFF = 1.1  # times the true length, or less than its inverse, from which a length is said to be wrong


@dataclass(frozen=True, slots=True)
class Lengths:
    """Of all answers with a window, wherever they lie, since longer ones are likelier to overlap.

    ratio: median of the answer's length over the true one, with a 95 % interval over videos; `quartiles` of the same
    """

    answers: int
    ratio: Interval
    quartiles: tuple[float, float]

    @property
    def fault(self) -> str | None:
        """Long or short, where the interval says so and it is by a tenth or more; None where the length is right."""
        if self.ratio.low > 1 and self.ratio.mean >= OFF:
            return "long"
        return "short" if self.ratio.high < 1 and self.ratio.mean <= 1 / OFF else None


def lengths(facts: Facts) -> Lengths | None:
    """None where no answer has a window beside a moment that lasts."""
    among = facts.given & (facts.length > 0)
    if not among.any():
        return None
    ratio: NDArray[np.float64] = np.ones(len(facts))
    ratio[among] = (facts.first[:, 1] - facts.first[:, 0])[among] / facts.length[among]
    low, high = np.quantile(ratio[among], [0.25, 0.75])
    return Lengths(int(among.sum()), facts.resampling.median(ratio, among), (float(low), float(high)))
