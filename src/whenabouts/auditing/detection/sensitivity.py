"""What is found well and what is missed, by characteristic: the sensitivity and false negative analyses of DETAD."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.detection.matched import Matched, place_in_class
from whenabouts.metrics.average_precision import interpolated_ap

__all__ = ["FLOOR", "mean_ap_by_bin", "missed_by_bin"]

FLOOR = 0.05  # a detection before which normalised precision fell so low finds nothing that counts as found

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def mean_ap_by_bin(matched: Matched, bins: Ints, count: int) -> Floats:
    """Average normalised mAP of the instances of each of `count` bins, NaN for empty ones: (count,).

    bins: of each instance (G,), -1 for none

    Detections that take an instance outside the bin, at any tIoU, are neither right nor wrong. The mean is over tIoU,
    then over the classes that have instances in the bin.
    """
    touched = np.flatnonzero((matched.taken >= 0).any(axis=1))
    label, instances = matched.detections.label[touched], matched.truth.instances
    wrong_before = (matched.place[touched] - place_in_class(label)).astype(np.intp)
    taken = matched.taken[touched]
    means = np.full(count, np.nan)
    for number in range(count):
        inside = bins == number
        positives = np.bincount(instances.label[inside], minlength=len(matched.truth.labels))
        if not positives.any():
            continue
        kept = ~((taken >= 0) & ~inside[taken]).any(axis=1)
        row = label[kept]
        rank = wrong_before[kept] + place_in_class(row) + 1
        hits = taken[kept] >= 0
        aps = [interpolated_ap(rank[hit], row[hit], positives, normal=matched.truth.normal) for hit in hits.T]
        means[number] = np.mean(aps, axis=0)[positives > 0].mean()
    return means


def missed_by_bin(matched: Matched, bins: Ints, count: int) -> tuple[Ints, Floats]:
    """How many instances each bin has, (count,), and the share of them that is not found at each tIoU, (count, T)."""
    size = np.bincount(bins[bins >= 0], minlength=count)
    shares = np.full((count, len(matched.tious)), np.nan)
    for t, column in enumerate(matched.taken.T):
        missed = np.ones(len(bins), dtype=bool)
        missed[column[column >= 0]] = False
        of_bin = np.bincount(bins[missed & (bins >= 0)], minlength=count)
        np.divide(of_bin, size, out=shares[:, t], where=size > 0)
    return size, shares
