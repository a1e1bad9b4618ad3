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
    "words": Model(
        -5.32,
        {
            "wording": 8.08,
            "short": -4.47,
            "speaker": 3.77,
            "question": -4.37,
            "is_act": -0.99,
            "cue": 8.91,
            "near_cue": 2.38,
            "lacks_object": -0.78,
            "is_asked": 0.51,
            "answer": 6.43,
            "after_wording": 10.20,
        },
        0.380,
        -0.90,
    ),
    "quick": Model(
        -3.91,
        {
            "wording": 2.93,
            "short": -3.46,
            "speaker": 4.05,
            "question": -2.71,
            "is_act": -2.14,
            "cue": 6.84,
            "near_cue": 2.54,
            "is_asked": 0.11,
            "answer": 6.12,
            "after_wording": 14.41,
            "words": 9.84,
            "event": 5.92,
            "hub": -22.07,
            "act": 7.18,
            "answer_words": 1.90,
            "answer_after": 1.69,
            "is_foreign": 0.72,
            "foreign_words": 2.90,
        },
        0.500,
        -1.29,
    ),
    "full": Model(
        -4.45,
        {
            "wording": 0.63,
            "short": -3.44,
            "speaker": 3.41,
            "question": -2.89,
            "is_act": -2.39,
            "cue": 7.02,
            "near_cue": 2.72,
            "is_asked": -0.01,
            "answer": 5.36,
            "after_wording": 13.49,
            "words": 7.89,
            "hub": -17.55,
            "act": 5.47,
            "answer_after": 4.00,
            "is_foreign": 0.98,
            "foreign_words": 1.67,
            "answers": 7.72,
        },
        0.544,
        -1.22,
    ),
    "described": Model(
        -7.79,
        {"wording": 2.09, "short": -0.33, "question": -0.52, "words": 1.23, "hub": -11.08, "english": 12.92},
        0.857,
        -0.04,
    ),
}
