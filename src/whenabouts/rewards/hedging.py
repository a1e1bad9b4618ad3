"""Hedging: windows made long, or many, so that something must be right."""

from __future__ import annotations

from whenabouts.moment import merge
from whenabouts.rewards.parse import read
from whenabouts.rewards.target import Target

__all__ = ["hedging"]


def hedging(completion: str, target: Target) -> float:
    """Minus the excess of claimed seconds over true ones, as a share of the rest of the video; in [-1, 0].

    All intervals of the answer count together, so that splitting the hedge does not help.

    >>> hedging("<answer>0 to 25</answer>", Target(((0.0, 10.0),), 40.0))
    -0.5
    """
    true = _seconds(target.windows)
    claimed = _seconds(read(completion, duration=target.duration).windows)
    rest = target.duration - true
    if claimed <= true:
        return 0.0
    return -min(1.0, (claimed - true) / rest) if rest > 0 else -1.0


def _seconds(windows: tuple[tuple[float, float], ...]) -> float:
    joined = merge(windows)
    return float((joined[:, 1] - joined[:, 0]).sum())
