"""From what is known about a line to the probability that it answers: logistic models with few, signed weights.

Fitted by `bench/retrieval_fit.py` on the tuning half of the dialogues of `synthetic.dialogue`: the weights by the
likelihood of a right line among all lines and "none", the slope and the offset so that the probability of the best line
is the share of such lines that are right, where a question without an answer counts ten times. With each dialogue left
out of its fit, the best line is right for 68 % of 250 questions, and one of the best five for 86 %. "described" is for
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
        -5.48,
        {
            "wording": 7.57,
            "short": -4.28,
            "speaker": 2.63,
            "question": -2.28,
            "is_act": 1.99,
            "cue": 7.80,
            "near_cue": 0.25,
            "lacks_object": -1.61,
            "early": 6.95,
            "late": 14.67,
            "is_asked": 0.71,
            "answer": 6.57,
            "exact_answer": 0.72,
            "after_wording": 7.04,
        },
        0.419,
        -1.50,
    ),
    "quick": Model(
        -4.50,
        {
            "wording": 3.76,
            "short": -5.18,
            "speaker": 1.82,
            "question": -1.71,
            "is_act": -1.94,
            "cue": 6.31,
            "near_cue": 0.44,
            "lacks_object": -0.04,
            "early": 6.98,
            "late": 6.66,
            "is_asked": 0.88,
            "answer": 5.36,
            "exact_answer": 1.33,
            "after_wording": 11.27,
            "words": 10.49,
            "event": 4.60,
            "hub": -23.00,
            "act": 13.50,
            "act_after": 6.99,
            "answer_words": 5.69,
            "answer_after": 3.56,
            "is_foreign": 1.92,
            "foreign_words": 0.05,
        },
        0.485,
        -1.72,
    ),
    "full": Model(
        -5.04,
        {
            "wording": 2.10,
            "short": -4.86,
            "speaker": 1.28,
            "question": -2.32,
            "is_act": -2.26,
            "cue": 5.72,
            "near_cue": 0.45,
            "cue_wording": 0.66,
            "lacks_object": -0.58,
            "early": 8.95,
            "late": 7.60,
            "is_asked": 0.64,
            "answer": 5.00,
            "exact_answer": 1.37,
            "after_wording": 19.01,
            "words": 7.54,
            "hub": -20.14,
            "act": 8.91,
            "act_after": 6.92,
            "answer_words": 2.98,
            "answer_after": 5.42,
            "is_foreign": 2.05,
            "answers": 7.70,
            "acts": 4.66,
        },
        0.492,
        -1.76,
    ),
    "described": Model(-6.28, {"wording": 2.65, "english": 8.82}, 1.0, 0.0),
}
