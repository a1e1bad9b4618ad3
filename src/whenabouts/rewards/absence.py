"""Negative queries: whether the answer is right about whether the query happens at all."""

from __future__ import annotations

from whenabouts.rewards.parse import read
from whenabouts.rewards.target import Target

__all__ = ["absence"]


def absence(completion: str, target: Target) -> float:
    """1 if the answer gives an interval where there is one, or says there is none where there is none; else 0.

    An answer that says neither is 0 on both sides, so saying nothing is not rewarded.

    >>> absence("The event does not happen in this video.", Target((), 60.0))
    1.0
    """
    answer = read(completion, duration=target.duration)
    return float(bool(answer.windows) if target.windows else answer.absent)
