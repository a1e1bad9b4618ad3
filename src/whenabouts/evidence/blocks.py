"""The vectors of a long video a few hundred at a time, so that memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROWS", "blocks"]

ROWS = 256  # of a block: a MB or two, which stay in the caches of a CPU


def blocks(vectors: NDArray[np.floating[Any]], *, overlap: int = 0) -> Iterator[NDArray[np.float32]]:
    """Vectors (N, D) of any precision as blocks of `ROWS` of them or fewer, in order; one block at least.

    A block holds until the next one is taken, which is written over it.

    overlap: rows at the beginning of a block that repeat the end of the one before

    >>> [len(block) for block in blocks(np.zeros((600, 2), np.float16))]
    [256, 256, 88]
    """
    room = np.empty((min(len(vectors), ROWS + overlap), vectors.shape[1]), np.float32)
    for first in range(0, max(1, len(vectors) - overlap), ROWS):
        rows = vectors[first : first + ROWS + overlap]
        block = room[: len(rows)]
        block[:] = rows
        yield block
