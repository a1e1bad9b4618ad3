"""How likely it is that a query happens at all, from the height of its best moment and from what else is known.

Of one picture the height is all that is known: `CALIBRATION` has a logistic function of it per encoder, which streams,
searches and libraries use. Of a whole video, `PRESENCE` also weighs the impression (`evidence.impression`) and how
familiar the query is to the encoder: what it has a name for and finds little of is more surely absent than what it
has never heard of. Both shift the bias only, the same for all moments of a video, whose order stays that of heights.

`PRESENCE` is fitted on the tuning half of the composed videos (`bench/similarity.py --fit`), to queries that happen in
some of them and not in others, each with as much weight where it happens as where it does not: nothing can be learned
from what a query is, only from how it fits. The three were chosen by cross-validation over scenes of that half; the
held-out half was looked at three times, and `bench/similarity.py` says what it gives. A hint, not a verdict: `trust`
calibrates it on a user's own videos. An encoder that was never calibrated gives no probability.
"""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["CALIBRATION", "PRESENCE", "Calibration", "Presence"]


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


class Presence(NamedTuple):
    """Weights of what tells whether a query happens in a video."""

    height: float
    impression: float
    familiarity: float
    bias: float

    def calibration(self, impression: float, familiarity: float) -> Calibration:
        """The probability of a height, for one query of one video."""
        return Calibration(self.height, self.impression * impression + self.familiarity * familiarity + self.bias)


CALIBRATION: dict[str, Calibration] = {"builtin": Calibration(9.81, -1.19)}
PRESENCE: dict[str, Presence] = {"builtin": Presence(3.51, 0.46, -2.79, -0.16)}
