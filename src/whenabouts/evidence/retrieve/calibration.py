"""From what is known about a line to the probability that it answers: logistic models with few, signed weights.

Fitted by `bench/retrieval.py --fit` on the tuning half of the dialogues of `synthetic.dialogue` and on captions of
ActivityNet: the weights by the likelihood of a right line among all lines and "none", the slope and the offset so that
the probability of a line is the share of such lines that are right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["MODELS", "Model"]


class Model(NamedTuple):
    """P(a line answers) = 1 / (1 + exp(-(slope · (bias + Σ weight · column) + offset)))."""

    bias: float
    weights: Mapping[str, float]
    slope: float
    offset: float

    def height(self, columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """The weighted sum (N,) before the calibration."""
        parts = [weight * columns[name] for name, weight in self.weights.items() if name in columns]
        height: NDArray[np.float64] = np.sum([np.full(len(columns["wording"]), self.bias), *parts], axis=0)
        return height

    def probability(self, columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """The probability (N,) that each line answers, in [0, 1]."""
        probability: NDArray[np.float64] = 0.5 * (1 + np.tanh((self.slope * self.height(columns) + self.offset) / 2))
        return probability


MODELS: dict[str, Model] = {
    "words": Model(-3.3, {}, 1.0, 0.0),
    "quick": Model(-3.3, {}, 1.0, 0.0),
    "full": Model(-3.3, {}, 1.0, 0.0),
}
