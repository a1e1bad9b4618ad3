"""How likely it is that a query happens at all, from the height of its best moment and from what else is known.

Of one picture the height is all that is known: `CALIBRATION` has a logistic function of it per encoder, which streams,
searches, parts of videos and libraries use. Of a whole video, `PRESENCE` also weighs the impression
(`evidence.impression`) and how familiar the query is to the encoder: what it has a name for and finds little of is more
surely absent than what it has never heard of. Both shift the bias only, the same for all moments of a video, whose
order stays that of heights.

`PRESENCE` is fitted on the tuning half of the composed videos (`bench/similarity.py --fit`), to queries that happen in
some of them and not in others, each with as much weight where it happens as where it does not: nothing can be learned
from what a query is, only from how it fits. Then all weights are multiplied so that the odds are right on average (a
temperature) for queries of scenes that were left out of the fit, and for those that happen nowhere. The three were
chosen by cross-validation over scenes of that half; `bench/similarity.py` says what they give on the held-out half,
which was looked at five times. A hint, not a verdict: `trust` calibrates it on a user's own videos. An encoder that was
never calibrated gives no probability.

These helped in cross-validation and not on the held-out half, or in neither: how near the mixture comes to the query
beside the names that come nearest, the mean of the best pictures, the worst of the words of the query, and the share of
the names nearest to it. Averaging the query over a few phrasings gained 0.005 in cross-validation.
"""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["ALIKE", "CALIBRATION", "PRESENCE", "Calibration", "Presence"]


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
ALIKE: dict[str, Calibration] = {"builtin": Calibration(23.01, -18.30)}
PRESENCE: dict[str, Presence] = {"builtin": Presence(4.93, 0.64, -3.91, -0.22)}
