"""Why a detection is wrong: the false positive profile of DETAD (arXiv:1807.10706), and what each kind of error costs.

The instance that a wrong detection overlaps most, of any class, says what it is. With that overlap o and threshold t:

- double detection: o ≥ t, the same class; another detection has the instance
- wrong label:      o ≥ t, another class
- localisation:     0.1 ≤ o < t, the same class
- confusion:        0.1 ≤ o < t, another class
- background:       o < 0.1

Among instances that are overlapped equally the first in the file decides, as officially: THUMOS14 has 218 instances of
CliffDiving that are also Diving.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.detection.matched import Matched
from whenabouts.auditing.detection.shares import shares_of
from whenabouts.metrics.bootstrap import Interval
from whenabouts.metrics.matching import closest

__all__ = ["ERRORS", "KINDS", "LIMIT", "Mistakes", "kinds_by_overlap", "kinds_of", "mistakes_of"]

ERRORS = ("double detection", "wrong label", "localisation", "confusion", "background")
KINDS = ("true positive", *ERRORS)
LIMIT = 10  # times as many detections of a class as it has instances are looked at
SOME_OVERLAP = 0.1

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def kinds_of(matched: Matched) -> NDArray[np.int8]:
    """The number in `KINDS` of each detection at each tIoU: (P, T)."""
    detections, instances = matched.detections, matched.truth.instances
    best, overlap = closest(detections.windows, detections.video, instances.windows, instances.video)
    kinds = [kinds_by_overlap(matched, t, best, overlap) for t in range(len(matched.tious))]
    return np.stack(kinds, axis=1)


def kinds_by_overlap(matched: Matched, t: int, best: Ints, overlap: Floats) -> NDArray[np.int8]:
    """The kinds at one tIoU, from the instance that each detection overlaps most, and how much: (P,)."""
    same = matched.truth.instances.label[best] == matched.detections.label
    kinds = np.full(len(best), 5, dtype=np.int8)
    near, enough = overlap >= SOME_OVERLAP, overlap >= matched.tious[t]
    kinds[near] = np.where(same, 3, 4)[near]
    kinds[enough] = np.where(same, 1, 2)[enough]
    kinds[matched.taken[:, t] >= 0] = 0
    return kinds


@dataclass(frozen=True, eq=False)
class Mistakes:
    """The kinds of the best detections.

    matched: of at most `LIMIT` times as many detections of a class as it has instances
    kinds:   (P, T), see `kinds_of`
    place:   (P,) the place of each among those of its class, from 0
    """

    matched: Matched
    kinds: NDArray[np.int8]
    place: Ints

    @cached_property
    def counts(self) -> Ints:
        """Detections of each kind at each tIoU: (6, T)."""
        return self._count(np.ones(len(self.place), bool))

    @cached_property
    def counts_by_rank(self) -> Ints:
        """The same of the G best of each class, which has G instances, of the G next, and so on: (LIMIT, 6, T)."""
        multiple = self.place // self.matched.positives[self.matched.detections.label]
        return np.stack([self._count(multiple == g) for g in range(LIMIT)])

    @cached_property
    def shares(self) -> dict[str, Interval]:
        """The share of each of `ERRORS` in all wrong detections, over all tIoU; empty where no detection is wrong.

        Bounds are 95 % over videos, which are resampled with all that was detected in them.
        """
        videos = self.matched.detections.video
        return shares_of({name: (self.kinds == i).sum(axis=1) for i, name in enumerate(ERRORS, 1)}, videos)

    @cached_property
    def mean_ap(self) -> Floats:
        """Normalised mAP at each tIoU: (T,)."""
        return self.matched.mean_ap()

    @cached_property
    def gains(self) -> Floats:
        """What normalised mAP gains if all errors of a kind were not there: (5, T), in the order of `ERRORS`."""
        without = [self.matched.mean_ap(self.kinds != number) for number, _ in enumerate(ERRORS, 1)]
        return np.stack(without) - self.mean_ap

    def _count(self, rows: NDArray[np.bool_]) -> Ints:
        chosen = self.kinds[rows]
        return np.stack([(chosen == kind).sum(axis=0) for kind in range(len(KINDS))])


def mistakes_of(matched: Matched) -> Mistakes:
    """The kinds of errors of detections that are limited already."""
    return Mistakes(matched, kinds_of(matched), matched.place)
