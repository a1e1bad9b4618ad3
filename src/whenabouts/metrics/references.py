"""Answers against several people's opinions on one query (Otani et al., arXiv:2009.00325).

An answer is right if it is close to any one of them, for all are somebody's truth. How well people would do by the same
rule is the ceiling: `closest_of_others` asks of each opinion whether another one is close to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.metrics.matching import hull_iou

__all__ = ["agreement", "closest_of_others", "opinion_overlaps", "representative"]

Floats = NDArray[np.float64]

PLACES = 12


def opinion_overlaps(windows: ArrayLike, opinions: ArrayLike) -> Floats:
    """IoU of every window (N, 2) with every opinion (A, 2), both in seconds: (N, A).

    An answer is right at m if the greatest of its row is above m; the mean over the row of "above m" is the share of
    people it pleases.

    >>> opinion_overlaps([[0, 10]], [[0, 10], [5, 15], [20, 30]]).round(3).tolist()
    [[1.0, 0.333, 0.0]]
    """
    given, said = _table(windows), _table(opinions)
    pairs = hull_iou(np.repeat(given, len(said), axis=0), np.tile(said, (len(given), 1)))
    return pairs.reshape(len(given), len(said))


def agreement(opinions: ArrayLike) -> Floats:
    """IoU of every two opinions on one query: (A, A), with NaN on the diagonal.

    People answer in round numbers, so many pairs are exactly at a threshold. The overlaps are rounded to 12 places,
    for such pairs to stay there whether opinions are in seconds or in shares of the video.
    """
    table = opinion_overlaps(opinions, opinions).round(PLACES)
    np.fill_diagonal(table, np.nan)
    return table


def closest_of_others(opinions: ArrayLike) -> Floats:
    """How close each opinion comes to the closest of the others: (A,), IoU; empty for a single opinion.

    The mean over people and queries of "above m" is what a person scores by the rule that answers are scored by.

    >>> closest_of_others([[0, 10], [0, 8], [20, 30]]).tolist()
    [0.8, 0.8, 0.0]
    """
    table = agreement(opinions)
    return np.nanmax(table, axis=1) if len(table) > 1 else np.zeros(0)


def representative(opinions: ArrayLike) -> int:
    """The number of the opinion that agrees with the others best, the first of several."""
    table = agreement(opinions)
    return int(np.argmax(np.nanmean(table, axis=1))) if len(table) > 1 else 0


def _table(windows: ArrayLike | Sequence[Any]) -> Floats:
    return np.asarray(windows, dtype=np.float64).reshape(-1, 2)
