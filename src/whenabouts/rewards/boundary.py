"""Distance of the two boundaries: a slope everywhere, for windows that do not meet the truth yet."""

from __future__ import annotations

from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target, first_window

__all__ = ["boundary"]


def boundary(completion: str, target: Target) -> float:
    """1 − (|s − s*| + |e − e*|) / 2D, at least 0; 1 only for the exact interval. D is the duration in seconds.

    >>> boundary("<answer>5 to 15</answer>", Target(((0.0, 10.0),), 50.0))
    0.9
    """

    def score(window: Window, truth: Window) -> float:
        off = abs(window[0] - truth[0]) + abs(window[1] - truth[1])
        return max(0.0, 1 - off / (2 * target.duration))

    return first_window(completion, target, score)
