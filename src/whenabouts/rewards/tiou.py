"""Temporal IoU of the first interval in an answer: the verifiable reward that everything else here modifies."""

from __future__ import annotations

import math
from collections.abc import Sequence

from whenabouts import moment
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target, first_window

__all__ = ["best_overlap", "overlap", "tiou"]


def tiou(completion: str, target: Target) -> float:
    """Temporal IoU in [0, 1]; 1 only for the exact interval, or for saying that an absent query is absent.

    >>> tiou("<answer>5 to 15</answer>", Target(((0.0, 10.0),), 60.0))
    0.3333333333333333
    """
    return first_window(completion, target, overlap)


def overlap(window: Window, truth: Window) -> float:
    """Temporal IoU of two windows in seconds."""
    return float(moment.tiou([window], [truth])[0, 0])


def best_overlap(found: Sequence[Sequence[float]], truths: Sequence[Window]) -> float:
    """Temporal IoU of the first of the windows that a parser found with the truth it fits best.

    0 without one, and for one that is inverted, empty or endless.
    """
    if not found or not found[0][0] < found[0][1] < math.inf:
        return 0.0
    return max(overlap((found[0][0], found[0][1]), truth) for truth in truths)
