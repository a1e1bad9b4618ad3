"""How well the words for what pictures seem to show fit a query: an opinion beside that of the vectors of frames.

The picture says which names it fits, their meanings are mixed in these shares (ConSE, arXiv:1312.5650), and the query
is compared with the mixture as a sentence is with another. What makes the cosines of different queries comparable is
how the mixture compares with generic queries: an impression is the number of standard deviations that the query is
above their mean (a z-norm, as in speaker verification).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.evidence.blocks import blocks
from whenabouts.evidence.likeness import encoded_bank

__all__ = ["Describing", "Impression", "ShownShots", "described_shots"]

Float = NDArray[np.floating[Any]]


@runtime_checkable
class Describing(Encoder, Protocol):
    """An encoder that can say in a space of sentences what a frame seems to show."""

    def meanings(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (Q, M) of sentences."""
        ...

    def described(self, frames: Float) -> NDArray[np.float32]:
        """Vectors of frames (N, D) as unit vectors (N, M) of that space."""
        ...

    def familiarity(self, meanings: NDArray[np.float32]) -> NDArray[np.float32]:
        """How near each sentence (Q, M) stands to what the encoder knows, (Q,)."""
        ...


def described_shots(encoder: Describing, frames: Float, cuts: NDArray[np.intp]) -> NDArray[np.float64]:
    """What each shot seems to show, (S, M): the mean of its frames (N, D), where shot s begins with frame `cuts[s]`."""
    sums: list[NDArray[np.float32]] = []
    first = 0
    for block in blocks(frames):
        last = first + len(block)
        touched = cuts[np.searchsorted(cuts, first, "right") - 1 : np.searchsorted(cuts, last, "left")]
        rows = np.add.reduceat(encoder.described(block), np.maximum(touched - first, 0), axis=0)
        if touched[0] < first:  # a shot that goes on from the block before
            sums[-1][-1] += rows[0]
            rows = rows[1:]
        if len(rows):
            sums.append(rows)
        first = last
    lengths = np.diff(np.append(cuts, len(frames)))
    shots: NDArray[np.float64] = np.concatenate(sums) / lengths[:, None]
    return shots


@dataclass(frozen=True, slots=True, eq=False)
class Impression:
    """The meanings (B, M) of the generic queries, of one encoder."""

    bank: NDArray[np.float32]

    @classmethod
    def of(cls, encoder: Describing, *, cache: bool = True) -> Impression:
        """The bank as an encoder reads it, which `cache` keeps on disk. Raises ModelError."""
        return cls(encoded_bank(encoder, encoder.meanings, way="meanings", cache=cache))

    def normed(self, shots: Float) -> ShownShots:
        """Shots (S, M), as `described_shots` gives them, beside the generic queries."""
        generic = self.bank @ shots.T
        return ShownShots(shots, generic.mean(axis=0), np.maximum(generic.std(axis=0), 1e-6))

    def best(self, meanings: Float, shots: Float) -> NDArray[np.float64]:
        """For each query (Q, M), that of the shot which fits best, (Q,); shots are (S, M), as `described_shots`."""
        return self.normed(shots).best(meanings)


class ShownShots(NamedTuple):
    """What shots (S, M) seem to show, and the mean (S,) and spread (S,) of their likeness to the generic queries."""

    shots: Float
    mean: Float
    spread: Float

    def best(self, meanings: Float) -> NDArray[np.float64]:
        """For each query (Q, M), the impression of the shot which fits best, (Q,)."""
        highest: NDArray[np.float64] = ((meanings @ self.shots.T - self.mean) / self.spread).max(axis=1)
        return highest.astype(np.float64)
