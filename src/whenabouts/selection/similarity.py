"""Similarity: the frames that fit the query best, however alike they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.selection.scored import Indices, Looked, ScoredSelector

__all__ = ["Similarity", "best", "scaled", "unit"]


def best(scores: NDArray[np.floating[Any]], count: int) -> Indices:
    """The `count` highest of scores (N,), best first; of equal ones the first.

    >>> best(np.array([0.1, 0.7, 0.3, 0.7]), 3)
    array([1, 3, 2])
    """
    return np.argsort(-scores, kind="stable")[:count]


def scaled(scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Scores (N,) moved and stretched to [0, 1]; equal ones are 0."""
    low, high = float(scores.min()), float(scores.max())
    return (scores.astype(np.float64) - low) / ((high - low) or 1.0)


def unit(vectors: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Vectors (N, D) of length 1; zero stays zero."""
    rows: NDArray[np.floating[Any]] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return rows


@dataclass(kw_only=True)
class Similarity(ScoredSelector):
    """The `budget` frames with the highest scores; of equal ones the earliest."""

    name = "similarity"

    def rule(self, looked: Looked, budget: int) -> Indices:
        """The best scores."""
        return best(looked.scores, budget)
