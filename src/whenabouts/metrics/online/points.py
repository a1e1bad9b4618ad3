"""p-mAP: average precision of points in time, as online detection of action starts has it (arXiv:1802.06822).

An alarm is right if a true start lies within τ seconds of it that no better alarm has taken; τ runs from 1 to 10 s.
There AP is of a class, here of a query.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.metrics.online.answer import OnlineAnswer

__all__ = ["OFFSETS", "point_average_precision", "point_map"]

OFFSETS = tuple(float(seconds) for seconds in range(1, 11))


def point_average_precision(
    points: ArrayLike, scores: ArrayLike, targets: ArrayLike, offset: float, *, depth: float = 1.0
) -> float:
    """AP in [0, 1] of points (N,) in seconds with scores (N,) against true points (M,), all finite.

    Best score first, first in order among equals, each point takes the nearest free target at most `offset` seconds
    away. AP is the mean, over targets, of the precision at which each was found, 0 where it was not; with a `depth` of
    recall below 1, over the first share of the targets that are found. NaN without targets.

    >>> point_average_precision([10.5, 30, 20], [0.9, 0.8, 0.7], [10, 20], offset=1)
    0.8333333333333333
    """
    times, true = np.asarray(points, dtype=np.float64).ravel(), np.asarray(targets, dtype=np.float64).ravel()
    order = np.argsort(-np.asarray(scores, dtype=np.float64).ravel(), kind="stable")
    counted = int(np.ceil(depth * len(true) - 1e-9))
    if not counted:
        return float("nan")
    distances: NDArray[np.float64] = np.abs(true - times[order][:, None])
    ranks: list[int] = []
    for place in np.flatnonzero((distances <= offset).any(axis=1)):
        nearest = int(np.argmin(distances[place]))
        if distances[place, nearest] <= offset:
            distances[:, nearest] = np.inf  # taken
            ranks.append(int(place) + 1)
    precisions = np.arange(1, len(ranks) + 1) / np.array(ranks, dtype=np.float64)
    return float(precisions[:counted].sum() / counted)


def point_map(answers: Sequence[OnlineAnswer], offset: float, *, depth: float = 1.0) -> float:
    """p-mAP at one offset, in [0, 1]: the mean of AP over the queries that happen; NaN without one.

    The points are the times at which starts were told, ranked by the score that they were told with.
    """
    values = [
        point_average_precision(a.emitted[:, 0], a.alarms, a.truths[:, 0], offset, depth=depth)
        for a in answers
        if len(a.truths)
    ]
    return float(np.mean(values)) if values else float("nan")
