"""From what is known about a line to the probability that it answers: logistic models with few, signed weights.

Fitted by `bench/retrieval_fit.py` on the tuning half of the dialogues of `synthetic.dialogue`: the weights by the
likelihood of a right line among all lines and "none", the slope and the offset so that the probability of the best line
is the share of such lines that are right, where a question without an answer counts four times. With each dialogue left
out of its fit, the best line is right for 60 % of 250 questions, and one of the best five for 77 %. "described" is for
lines that stand alone; with its weights, fitted on captions of ActivityNet, 73.3 % of 1,064 queries find a line of the
right video (`bench/retrieval.py`).
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
        -4.88,
        {
            "wording": 6.85,
            "short": -4.09,
            "speaker": 3.35,
            "question": -2.28,
            "is_act": 1.37,
            "cue": 7.60,
            "near_cue": 0.37,
            "lacks_object": -1.51,
            "is_asked": 1.29,
            "answer": 5.19,
            "after_wording": 6.36,
        },
        0.413,
        -1.21,
    ),
    "quick": Model(
        -4.01,
        {
            "wording": 3.38,
            "short": -3.64,
            "speaker": 3.76,
            "question": -1.07,
            "is_act": -0.66,
            "cue": 6.05,
            "near_cue": 0.57,
            "is_asked": 1.74,
            "answer": 4.17,
            "after_wording": 10.11,
            "words": 7.78,
            "event": 6.32,
            "hub": -22.36,
            "act": 8.30,
            "answer_words": 3.23,
            "answer_after": 2.98,
            "is_foreign": 1.35,
            "foreign_words": 2.99,
        },
        0.493,
        -1.34,
    ),
    "full": Model(
        -4.63,
        {
            "wording": 1.64,
            "short": -3.92,
            "speaker": 3.17,
            "question": -1.45,
            "is_act": -0.58,
            "cue": 5.69,
            "near_cue": 0.74,
            "lacks_object": -0.14,
            "is_asked": 2.03,
            "answer": 3.40,
            "after_wording": 12.10,
            "words": 5.71,
            "hub": -18.51,
            "act": 7.75,
            "answer_words": 1.13,
            "answer_after": 4.97,
            "is_foreign": 1.64,
            "foreign_words": 0.73,
            "answers": 8.47,
        },
        0.459,
        -1.31,
    ),
    "described": Model(-6.28, {"wording": 2.65, "english": 8.82}, 1.0, 0.0),
}
