"""Temporal IoU of the first interval in an answer: the verifiable reward that everything else here modifies."""

from __future__ import annotations

from whenabouts import moment
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target, first_window

__all__ = ["tiou"]


def tiou(completion: str, target: Target) -> float:
    """Temporal IoU in [0, 1]; 1 only for the exact interval, or for saying that an absent query is absent.

    >>> tiou("<answer>5 to 15</answer>", Target(((0.0, 10.0),), 60.0))
    0.3333333333333333
    """
    return first_window(completion, target, overlap)


def overlap(window: Window, truth: Window) -> float:
    """Temporal IoU of two windows in seconds."""
    return float(moment.tiou([window], [truth])[0, 0])
