"""Five windows that together fit as many queries as five can: what R@5 is worth without looking."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.shares import GRID, Shares, in_seconds, shares

__all__ = ["FiveWindows"]


class FiveWindows(Baseline):
    """Five windows, each with IoU > 0.5 for as many training queries as it can that none before it has."""

    name, beside = "five windows", True
    windows = 5

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most five windows for every video of known duration."""
        return in_seconds(examples, _cover(shares(train), self.windows))


def _cover(train: Shares, windows: int) -> NDArray[np.float64]:
    """Greedily, up to so many windows of the grid, (N, 2), that together fit as many training queries as they can."""
    hits = train.covered.copy()
    chosen: list[int] = []
    while len(chosen) < windows:
        counts = np.bitwise_count(hits).sum(axis=1, dtype=np.int64)
        if chosen and not counts.max(initial=0):
            break
        chosen.append(int(np.argmax(counts)))
        hits &= ~hits[chosen[-1]]
    return GRID[chosen]
