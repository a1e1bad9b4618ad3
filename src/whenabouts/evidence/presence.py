"""How likely it is that a query happens at all, from the height of its best moment.

A logistic function per encoder, fitted on the tuning half of the composed videos (`bench/similarity.py --fit`) with
present and absent queries weighted alike; on the held-out half the AUROC is 0.75 and the expected calibration error
0.06: a hint, not a verdict. Queries that only speech can answer were not fitted; asked of the same half, they have a
mean probability of 0.10. The height is that of a curve of `evidence.likeness`. An encoder that was never calibrated
gives no probability.
"""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["CALIBRATION", "Calibration"]


class Calibration(NamedTuple):
    """P(present | height) = 1 / (1 + exp(-(slope · height + bias)))."""

    slope: float
    bias: float

    def probability(self, height: float) -> float:
        """The probability, in [0, 1], that a moment of this height is there."""
        return 0.5 * (1 + math.tanh((self.slope * height + self.bias) / 2))

    def height(self, probability: float) -> float:
        """The height that has this probability, which lies between 0 and 1."""
        return (math.log(probability / (1 - probability)) - self.bias) / self.slope


CALIBRATION: dict[str, Calibration] = {"builtin": Calibration(9.81, -1.19)}
