"""Agreement of annotators: mean pairwise tIoU of windows matched one to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from whenabouts.moment import tiou

__all__ = ["agreement", "pairwise_agreement"]

Window = tuple[float, float]


def agreement(annotators: Mapping[str, Sequence[Window]]) -> float | None:
    """The mean over all pairs of annotators of one query; None for fewer than two."""
    pairs = [pairwise_agreement(first, second) for first, second in combinations(annotators.values(), 2)]
    return sum(pairs) / len(pairs) if pairs else None


def pairwise_agreement(first: Sequence[Window], second: Sequence[Window]) -> float:
    """The sum of tIoU over windows matched best first, divided by the larger number of windows: from 0 to 1.

    Two annotators without windows, who both say that the query does not happen, agree fully.

    >>> pairwise_agreement([(0, 10), (20, 30)], [(0, 10)])
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
