"""What mending an outcome would bring, at most: the scores if the answers of this outcome were as good as can be.

An answer that is too long, too short or elsewhere becomes the true moment, one that is shifted is only moved, and of
one whose better answers come later the best of them is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts
from whenabouts.metrics.bootstrap import Interval

__all__ = ["Gain", "gains"]


@dataclass(frozen=True, slots=True)
class Gain:
    """Points by which recall and mIoU would rise at most, with 95 % intervals over videos."""

    recall: Interval
    miou: Interval


def gains(facts: Facts, outcome: NDArray[np.str_]) -> dict[str, Gain]:
    """By outcome, of those that there are, but for hits."""
    mended = np.ones(len(facts))
    moved = np.minimum(facts.first[:, 1] - facts.first[:, 0], facts.length) / np.maximum(
        facts.first[:, 1] - facts.first[:, 0], facts.length
    )
    mended = np.where(outcome == "shifted", moved, np.where(outcome == "ranking", facts.best, mended))
    right = mended >= facts.threshold
    found = {}
    for name in dict.fromkeys(outcome.tolist()):
        if name == "hit":
            continue
        chosen = outcome == name
        found[name] = Gain(
            facts.percent(chosen & right),
            facts.percent(np.where(chosen, np.maximum(0.0, mended - facts.iou), 0.0)),
        )
    return found
