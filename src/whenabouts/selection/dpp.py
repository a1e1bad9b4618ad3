"""DPP: the set of frames that fit the query and differ, as a determinantal point process weighs both.

The kernel is L[i, j] = q[i] · S[i, j] · q[j] with the quality q = exp(`quality` · score), scores scaled to [0, 1], and
S = exp(-(1 - cosine) / `width`), a Gaussian of the distance of unit vectors. The set of largest determinant is built
greedily: each step adds the frame that multiplies it most. The incremental Cholesky update is that of Chen, Zhang &
Zhou, NeurIPS 2018 (1709.05135, algorithm 1), O(budget² · N) beside the products of vectors; the kernel is never held as
a whole. MDP3 (2501.02885) chooses frames by such a kernel too; its constants are not published, so both here are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.selection.scored import Indices, Looked, ScoredSelector
from whenabouts.selection.similarity import best, scaled, unit

__all__ = ["DPP", "dpp"]

Float = NDArray[np.floating[Any]]
QUALITY, WIDTH = 5.0, 0.2
LEAST = 1e-9  # of its own variance that a frame must have left: less is noise of floats


def dpp(scores: Float, vectors: Float, budget: int, *, quality: float = QUALITY, width: float = WIDTH) -> Indices:
    """`budget` frames for scores (N,) and vectors (N, D), in the order of their choice; of equal ones the first.

    Where every frame left repeats a chosen one, the best scores fill up.
    """
    logs, rows = 2 * quality * scaled(scores), unit(vectors).astype(np.float64)
    left = np.ones(len(scores))  # of the variance of each frame, given those chosen
    factors = np.zeros((budget, len(scores)))
    free = np.ones(len(scores), bool)
    chosen: list[int] = []
    while len(chosen) < budget and (new := free & (left > LEAST)).any():
        pick = int(np.where(new, logs + np.log(np.maximum(left, LEAST)), -np.inf).argmax())
        known = factors[: len(chosen)]
        similar = np.exp((rows @ rows[pick] - 1) / width)
        factors[len(chosen)] = (similar - known[:, pick] @ known) / np.sqrt(left[pick])
        left -= factors[len(chosen)] ** 2
        free[pick] = False
        chosen.append(pick)
    rest = np.flatnonzero(free)
    return np.concatenate([np.array(chosen, np.intp), rest[best(scores[rest], budget - len(chosen))]])


@dataclass(kw_only=True)
class DPP(ScoredSelector):
    """A determinantal point process, its likeliest set found greedily. Raises InputError for settings out of range.

    quality: how much fitting the query counts: 0 is diversity alone
    width:   the cosine distance at which two frames hardly repeat each other
    """

    name = "dpp"

    quality: float = QUALITY
    width: float = WIDTH

    def __post_init__(self) -> None:
        if not (0 <= self.quality < np.inf and 0 < self.width < np.inf):
            raise InputError(
                f"a DPP needs a quality of at least 0 and a positive width, got {self.quality} and {self.width}"
            )

    def rule(self, looked: Looked, budget: int) -> Indices:
        """The rule of the file's head."""
        return dpp(looked.scores, looked.vectors, budget, quality=self.quality, width=self.width)
