"""How much annotators agree: mean pairwise tIoU of windows matched one to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from whenabouts.moment import tiou

__all__ = ["agreement", "pairwise"]

Window = tuple[float, float]


def agreement(annotators: Mapping[str, Sequence[Window]]) -> float | None:
    """The mean over all pairs of annotators of one query; None for fewer than two."""
    pairs = [pairwise(first, second) for first, second in combinations(annotators.values(), 2)]
    return sum(pairs) / len(pairs) if pairs else None


def pairwise(first: Sequence[Window], second: Sequence[Window]) -> float:
    """Sum of tIoU of windows matched best first, over the larger number of windows: 1 is the same, 0 is nothing.

    Two that both say "does not happen" agree.

    >>> pairwise([(0, 10), (20, 30)], [(0, 10)])
    0.5
    """
    if not first or not second:
        return float(len(first) == len(second))
    table = tiou(np.array(first, np.float64), np.array(second, np.float64))
    total = 0.0
    for _ in range(min(table.shape)):
        row, column = np.unravel_index(int(table.argmax()), table.shape)
        total += float(table[row, column])
        table[row, :] = table[:, column] = -1.0
    return total / float(max(table.shape))
