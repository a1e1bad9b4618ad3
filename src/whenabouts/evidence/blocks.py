"""The vectors of a long video a few thousand at a time, so that memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROWS", "blocks"]

ROWS = 4096  # of a block: half an hour at two frames a second


def blocks(vectors: NDArray[np.floating[Any]], *, overlap: int = 0) -> Iterator[NDArray[np.float32]]:
    """Vectors (N, D) of any precision as blocks of `ROWS` of them or fewer, in order; one block at least.

    overlap: rows at the beginning of a block that repeat the end of the one before

    >>> [len(block) for block in blocks(np.zeros((10_000, 2), np.float16))]
    [4096, 4096, 1808]
    """
    for first in range(0, max(1, len(vectors) - overlap), ROWS):
        yield np.asarray(vectors[first : first + ROWS + overlap], dtype=np.float32)
