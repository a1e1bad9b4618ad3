"""Similarity: the frames that fit the query best, however alike they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.selection.scored import Indices, Looked, ScoredSelector

__all__ = ["Similarity", "best"]


def best(scores: NDArray[np.floating[Any]], count: int) -> Indices:
    """The `count` highest of scores (N,), best first; of equal ones the first.

    >>> best(np.array([0.1, 0.7, 0.3, 0.7]), 3)
    array([1, 3, 2])
    """
    return np.argsort(-scores, kind="stable")[:count]


@dataclass(kw_only=True)
class Similarity(ScoredSelector):
    """The `budget` frames with the highest scores; of equal ones the earliest."""

    name = "similarity"

    def rule(self, looked: Looked, budget: int) -> Indices:
        """The best scores."""
        return best(looked.scores, budget)
