"""MMR, maximal marginal relevance: each frame fits the query, and is unlike those chosen before it.

Carbonell & Goldstein, SIGIR 1998 (doi 10.1145/290941.291025): the next frame is the one with the highest
`relevance` · (its score) - (1 - `relevance`) · (its largest cosine to a chosen frame). Scores are scaled to [0, 1]. The
default of `relevance` is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.selection.scored import Indices, Looked, ScoredSelector
from whenabouts.selection.similarity import scaled, unit

__all__ = ["MMR", "mmr"]

Float = NDArray[np.floating[Any]]
RELEVANCE = 0.7


def mmr(scores: Float, vectors: Float, budget: int, *, relevance: float = RELEVANCE) -> Indices:
    """`budget` frames for scores (N,) and vectors (N, D), in the order of their choice; of equal ones the first."""
    fit, rows = relevance * scaled(scores), unit(vectors)
    nearest = np.full(len(scores), -1.0)
    free = np.ones(len(scores), bool)
    chosen = []
    for _ in range(budget):
        gain = np.where(free, fit - (1 - relevance) * nearest, -np.inf)
        chosen.append(int(gain.argmax()))
        free[chosen[-1]] = False
        nearest = np.maximum(nearest, rows @ rows[chosen[-1]])
    return np.array(chosen, np.intp)


@dataclass(kw_only=True)
class MMR(ScoredSelector):
    """Maximal marginal relevance. Raises InputError for a `relevance` outside [0, 1].

    relevance: how much fitting the query counts beside being different: 1 is `similarity`
    """

    name = "mmr"

    relevance: float = RELEVANCE

    def __post_init__(self) -> None:
        if not 0 <= self.relevance <= 1:
            raise InputError(f"relevance must lie between 0 and 1, got {self.relevance}")

    def rule(self, looked: Looked, budget: int) -> Indices:
        """The rule of the file's head."""
        return mmr(looked.scores, looked.vectors, budget, relevance=self.relevance)
