"""Generalised IoU (arXiv:1902.09630): answers that miss altogether still learn which way to go."""

from __future__ import annotations

from whenabouts import moment
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target, first_window

__all__ = ["giou"]


def giou(completion: str, target: Target) -> float:
    """Temporal IoU minus the empty share of the hull, in [-1, 1]; 1 only for the exact interval, -1 without any.

    >>> giou("<answer>20 to 30</answer>", Target(((0.0, 10.0),), 60.0))
    -0.3333333333333333
    """
    return first_window(completion, target, _score, worst=-1.0)


def _score(window: Window, truth: Window) -> float:
    return float(moment.giou([window], [truth])[0, 0])
