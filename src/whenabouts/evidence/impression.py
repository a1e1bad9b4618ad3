"""How well the words for what pictures seem to show fit a query: an opinion beside that of the vectors of frames.

The picture says which names it fits, their meanings are mixed in these shares (ConSE, arXiv:1312.5650), and the query
is compared with the mixture as a sentence is with another. What makes the cosines of different queries comparable is
how the mixture compares with generic queries: an impression is the number of standard deviations that the query is
above their mean (a z-norm, as in speaker verification).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.evidence.likeness import encoded_bank

__all__ = ["Describing", "Impression"]

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


@dataclass(frozen=True, slots=True, eq=False)
class Impression:
    """The meanings (B, M) of the generic queries, of one encoder."""

    bank: NDArray[np.float32]

    @classmethod
    def of(cls, encoder: Describing, *, cache: bool = True) -> Impression:
        """The bank as an encoder reads it, which `cache` keeps on disk. Raises ModelError."""
        width = encoder.meanings(["a"]).shape[1]
        return cls(encoded_bank(encoder, encoder.meanings, width, way="meanings", cache=cache))

    def best(self, meanings: Float, described: Float, cuts: NDArray[np.intp]) -> NDArray[np.float64]:
        """For each query (Q, M), that of the shot which fits best, (Q,): frames (N, M), `cuts` their shots begin."""
        lengths = np.diff(np.append(cuts, len(described)))
        shots = np.add.reduceat(described, cuts, axis=0) / lengths[:, None]
        generic = self.bank @ shots.T
        spread = np.maximum(generic.std(axis=0), 1e-6)
        highest: NDArray[np.float64] = ((meanings @ shots.T - generic.mean(axis=0)) / spread).max(axis=1)
        return highest.astype(np.float64)
