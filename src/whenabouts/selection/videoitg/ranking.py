"""From scores of frames to those that are shown: best first, ties by number, then in the order of time."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["by_score", "chosen"]


def by_score(numbers: Sequence[int], scores: Sequence[float]) -> list[int]:
    """Places of the frames, best first; among equals the earlier frame comes first.

    Officially the order among equals is left to the sort, and published scores have two decimals.

    >>> by_score([0, 12, 24, 36], [0.2, 0.9, 0.2, 0.9])
    [1, 3, 0, 2]
    """
    return sorted(range(len(numbers)), key=lambda k: (-scores[k], numbers[k]))


def chosen(numbers: Sequence[int], scores: Sequence[float], budget: int) -> list[int]:
    """Places of the `budget` best frames, in the order of time.

    >>> chosen([0, 12, 24, 36], [0.2, 0.9, 0.2, 0.9], 3)
    [0, 1, 3]
    """
    return sorted(by_score(numbers, scores)[:budget], key=lambda k: numbers[k])
