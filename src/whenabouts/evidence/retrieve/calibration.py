"""From what is known about a line to the probability that it answers: logistic models with few, signed weights.

Fitted by `bench/retrieval_fit.py` on the tuning half of the dialogues of `synthetic.dialogue`: the weights by the
likelihood of a right line among all lines and "none", the slope and the offset so that the probability of the best line
is the share of such lines that are right, where a question without an answer counts ten times. With each dialogue left
out of its fit, the best line is right for 74 % of 250 questions, and one of the best five for 93 %;
the cues of acts were written by someone who had read this half, so expect less elsewhere. "described" is for
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
            "wording": 8.54,
            "short": -4.02,
            "speaker": 1.22,
            "question": -3.14,
            "is_act": 0.12,
            "cue": 9.70,
            "near_cue": 0.02,
            "lacks_object": -1.13,
            "early": 6.37,
            "late": 2.37,
            "is_asked": 0.19,
            "answer": 6.51,
            "exact_answer": 1.09,
            "after_wording": 7.36,
        },
        0.419,
        -1.37,
    ),
    "quick": Model(
        -5.13,
        {
            "wording": 4.09,
            "short": -4.86,
            "speaker": 1.26,
            "question": -2.03,
            "is_act": -1.44,
            "cue": 8.41,
            "near_cue": 0.46,
            "early": 5.24,
            "late": 1.83,
            "is_asked": 1.05,
            "answer": 5.85,
            "exact_answer": 1.83,
            "after_wording": 14.47,
            "words": 12.51,
            "event": 4.91,
            "hub": -21.80,
            "act": 9.13,
            "act_after": 8.18,
            "answer_words": 4.88,
            "answer_after": 2.13,
            "is_foreign": 1.78,
        },
        0.502,
        -1.80,
    ),
    "full": Model(
        -5.74,
        {
            "wording": 2.46,
            "short": -4.26,
            "speaker": 1.10,
            "question": -1.50,
            "is_act": -1.57,
            "cue": 7.92,
            "near_cue": 0.56,
            "lacks_object": -0.58,
            "early": 5.30,
            "late": 2.68,
            "is_asked": 0.74,
            "answer": 5.47,
            "exact_answer": 1.60,
            "after_wording": 24.59,
            "words": 9.44,
            "hub": -20.17,
            "act": 6.53,
            "act_after": 6.75,
            "answer_words": 2.75,
            "answer_after": 4.10,
            "is_foreign": 2.14,
            "answers": 8.22,
            "acts": 3.68,
        },
        0.482,
        -1.76,
    ),
    "described": Model(-6.28, {"wording": 2.65, "english": 8.82}, 1.0, 0.0),
}
