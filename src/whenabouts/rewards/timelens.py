"""TimeLens' reward (arXiv:2512.14698): plain tIoU of the first span, without thinking and without a format reward."""

from __future__ import annotations

from whenabouts.rewards.official_parsers import timelens_reward
from whenabouts.rewards.parse import read
from whenabouts.rewards.target import Target
from whenabouts.rewards.tiou import overlap

__all__ = ["timelens"]


def timelens(completion: str, target: Target) -> float:
    """Temporal IoU in [0, 1] of the first span, read as the training code reads it; one with start >= end scores 0.

    >>> timelens("The event happens in 5.0 - 15.0 seconds.", Target(((0.0, 10.0),), 60.0))
    0.3333333333333333
    """
    if not target.windows:
        return float(read(completion).absent)
    found = timelens_reward(completion)
    if not found or found[0][0] >= found[0][1]:
        return 0.0
    return max(overlap((found[0][0], found[0][1]), truth) for truth in target.windows)
