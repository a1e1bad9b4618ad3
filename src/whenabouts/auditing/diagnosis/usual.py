"""Windows that are usual in training: what an answer may copy without a look at its video."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.shares import GRID, shares, teaches
from whenabouts.moment import nms

__all__ = ["usual"]

NEARLY = 0.9  # of how often the best window is right, from which on another is usual too
THRESHOLD = 0.5  # IoU
APART = 0.25  # the greatest IoU of two usual windows, so that they are other places and not one twice


def usual(train: Sequence[Example]) -> NDArray[np.float64]:
    """(K, 2) in shares of a video: the window that is right most often, and others that are right nearly as often.

    A split may have several, such as begin and end. No rows where nothing is known of training.
    """
    if not any(teaches(e) for e in train):
        return np.zeros((0, 2))
    known = shares(train)
    right, overlap = known.fits[THRESHOLD], known.fits[None]
    often = right >= NEARLY * right.max()
    value = (right + overlap / (1 + len(known.first)))[often]  # of equals, what overlaps most
    return GRID[often][nms(GRID[often], value, APART)]
