"""Equal scores and overlaps in the order of the official detection code: numpy's default sort, turned round.

That sort is not stable, and numpy chooses it by the processor: where scores are equal, official code can answer
differently on two machines, and so do these functions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.metrics.matching import PairIoU, closest, union_iou

__all__ = ["as_argsort", "assign_as_argsort"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def as_argsort(group: Ints, score: Floats) -> Ints:
    """Rows by group, and within it best first: (P,), (P,) -> (P,)."""
    by_group = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[by_group])) + 1
    ordered = [rows[score[rows].argsort()[::-1]] for rows in np.split(by_group, starts)]
    return np.concatenate(ordered)


def assign_as_argsort(
    detections: Floats,
    group: Ints,
    instances: Floats,
    instance_group: Ints,
    tious: Sequence[float],
    *,
    iou: PairIoU = union_iou,
) -> Ints:
    """As `metrics.matching.assign`, one detection after the other, where instances are tried as numpy sorts them."""
    taken = np.full((len(detections), len(tious)), -1, dtype=np.intp)
    if not len(instances):
        return taken
    free = np.ones((len(tious), len(instances)), dtype=bool)
    order = np.argsort(instance_group, kind="stable")
    starts = np.searchsorted(instance_group[order], np.arange(int(max(group.max(initial=0), instance_group.max())) + 2))
    _, overlap = closest(detections, group, instances, instance_group, iou=iou)
    for i in np.flatnonzero(~(overlap < min(tious))).tolist():
        own = order[starts[group[i]] : starts[group[i] + 1]]
        values = iou(np.broadcast_to(detections[i], (len(own), 2)), instances[own])
        tried = values.argsort()[::-1]
        for t, tiou in enumerate(tious):
            enough = own[tried[~np.logical_or.accumulate(values[tried] < tiou)]]
            chosen = enough[free[t, enough]][:1]
            taken[i, t : t + 1][: len(chosen)] = chosen
            free[t, chosen] = False
    return taken
