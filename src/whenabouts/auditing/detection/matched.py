"""`Matched`: which instance each detection takes, at every tIoU, and average precision from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.detection.truth import Truth
from whenabouts.metrics.average_precision import interpolated_ap, normalised_precision
from whenabouts.metrics.instances import Instances
from whenabouts.metrics.matching import assign

__all__ = ["Matched", "Ranking", "best_first", "match_detections", "place_in_class"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Ranking = Callable[[Ints, Floats], Ints]  # labels and scores -> rows by class, best first
Assigning = Callable[[Floats, Ints, Floats, Ints, Sequence[float]], Ints]  # as `metrics.matching.assign`


def best_first(label: Ints, score: Floats) -> Ints:
    """Rows by class, best first; equal scores keep the order of the file."""
    return np.lexsort((-score, label))


def place_in_class(label: Ints) -> Ints:
    """The place of each row among those of its class, from 0; rows are sorted by class."""
    first = np.searchsorted(label, np.arange(int(label.max(initial=-1)) + 1))
    places: Ints = np.arange(len(label)) - first[label]
    return places


@dataclass(frozen=True, eq=False)
class Matched:
    """Detections, by class and best first.

    row:   (P,) where each stood before
    taken: (P, T) the instance that each takes at a tIoU, -1 for none
    """

    detections: Instances
    row: Ints
    truth: Truth
    tious: tuple[float, ...]
    taken: Ints

    @cached_property
    def place(self) -> Ints:
        """The place of each detection among those of its class, from 0: (P,)."""
        return place_in_class(self.detections.label)

    @cached_property
    def positives(self) -> Ints:
        """Instances of each class (C,)."""
        return np.bincount(self.truth.instances.label, minlength=len(self.truth.labels))

    def ap(self, t: int, keep: NDArray[np.bool_] | None = None, *, normalised: bool = True) -> Floats:
        """Average precision of each class at one tIoU, of all detections or of those that are kept: (C,).

        A class without detections has 0, one without instances but with detections NaN.
        """
        hit, label, rank = self.taken[:, t] >= 0, self.detections.label, self.place + 1
        if keep is not None:
            hit, label = hit[keep], label[keep]
            rank = place_in_class(label) + 1
        normal = self.truth.normal if normalised else None
        ap = interpolated_ap(rank[hit], label[hit], self.positives, normal=normal)
        ap[(self.positives == 0) & (np.bincount(label, minlength=len(ap)) > 0)] = np.nan
        return ap

    def mean_ap(self, keep: NDArray[np.bool_] | None = None, *, normalised: bool = True) -> Floats:
        """The mean over classes, at each tIoU: (T,); `keep` is (P, T)."""
        tious = range(len(self.tious))
        aps = [self.ap(t, None if keep is None else keep[:, t], normalised=normalised) for t in tious]
        return np.array([ap[self.truth.counted].mean() for ap in aps])

    def above(self, floor: float) -> Matched:
        """The same, where a detection takes nothing if normalised precision has fallen to `floor` before it."""
        taken, label, rank = self.taken.copy(), self.detections.label, self.place + 1
        for column in taken.T:
            hits = np.flatnonzero(column >= 0)
            found = place_in_class(label[hits]) + 1
            recall = found / self.positives[label[hits]]
            column[hits[normalised_precision(recall, rank[hits] - found, self.truth.normal) <= floor]] = -1
        return Matched(self.detections, self.row, self.truth, self.tious, taken)


def match_detections(
    detections: Instances,
    truth: Truth,
    tious: Sequence[float],
    *,
    limit: int | None = None,
    ranking: Ranking = best_first,
    assigning: Assigning = assign,
) -> Matched:
    """Let detections of each class, best first, take the free instance that they overlap most.

    limit: only so many times as many detections of a class count as it has instances
    """
    order = np.arange(len(detections))
    if limit is not None:
        order = best_first(detections.label, detections.score)
        label = detections.label[order]
        positives = np.bincount(truth.instances.label, minlength=len(truth.labels))
        order = order[place_in_class(label) < limit * positives[label]]
    row = ranking(detections.label[order], detections.score[order])
    ranked, instances = detections.take(order[row]), truth.instances
    width = int(max(ranked.video.max(initial=0), instances.video.max())) + 1
    keys = np.r_[ranked.label * width + ranked.video, instances.label * width + instances.video]
    groups = np.unique(keys, return_inverse=True)[1].reshape(-1).astype(np.intp)
    at = len(ranked)
    taken = assigning(ranked.windows, groups[:at], instances.windows, groups[at:], tious)
    return Matched(ranked, row, truth, tuple(tious), taken)
