"""Stamps that run ahead of all that follow: one wrong stamp must not hide every picture after it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["without_strays"]

OVERTAKEN = 16  # pictures that others may overtake, in H.264 and H.265
FOLLOWERS = 16  # packets after those by which a stamp is judged


def without_strays(stamps: Sequence[int], *, reordered: bool) -> NDArray[np.int64]:
    """Stamps in the order of decoding, but for those that most of the packets behind them contradict.

    >>> without_strays([0, 1, 2, 90, 4, 5, 6], reordered=False).tolist()
    [0, 1, 2, 4, 5, 6]
    """
    order = np.array(stamps, np.int64)
    first = OVERTAKEN if reordered else 0
    before, behind = np.zeros((2, len(order)), np.int64)
    for ahead in range(first + 1, first + FOLLOWERS + 1):
        count = len(order) - ahead
        if count > 0:
            before[:count] += order[ahead:] < order[:count]
            behind[:count] += 1
    return order[2 * before <= behind]
