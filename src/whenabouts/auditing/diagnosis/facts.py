"""`Facts`: answers beside the truth as columns, one row for each query that happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.usual import usual as usual_windows
from whenabouts.auditing.judged import Judged
from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.constant import WHOLE_VIDEO
from whenabouts.evaluation.protocols import PROTOCOLS
from whenabouts.metrics.bootstrap import Interval, Resampling
from whenabouts.metrics.matching import hull_iou

__all__ = ["RANKS", "REPEATED", "Facts", "collect", "facts_of"]

RANKS = 5  # answers of a query that are looked at, as R5 does
REPEATED = 0.8  # an answer with a greater IoU says the same again

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Facts:
    """Columns of Q queries; times are seconds, NaN where there is none.

    iou, hit: of the answer under the protocol; `hit` at the threshold
    read:     whether there is an answer; `given`: whether it has a window
    first:    (Q, 2) the first window; truth: (Q, 2) the true one that fits best, of several equal ones the nearest
    overlap:  seconds that both share
    blind:    (Q, 2) the constant window of the training split, or the whole video without one; `prior` says which
    copied:   whether the first window repeats one that is usual in the training split
    rank:     of the first answer that is right, 1 to RANKS; 0 where none is
    best:     the greatest IoU of the first RANKS answers
    repeats:  answers at ranks 2 to RANKS that say the same as the first, and `later`: how many answers these are
    looked:   1 where a region that a search looked at overlaps a true window, 0 where none does, -1 where nobody knows
    found:    of every true window of every query, in their order, whether one of the first RANKS answers hits it
    """

    examples: Sequence[Example] = field(repr=False)
    threshold: float
    iou: Floats
    hit: Bools
    read: Bools
    given: Bools
    first: Floats
    truth: Floats
    overlap: Floats
    duration: Floats
    blind: Floats
    prior: bool
    copied: Bools
    rank: Ints
    best: Floats
    repeats: Ints
    later: Ints
    looked: Ints
    moments: Ints
    found: Bools

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def resampling(self) -> Resampling:
        """The draws of videos over which all intervals are."""
        return Resampling([e.video for e in self.examples])

    def percent(self, values: Bools | Floats, among: Bools | None = None) -> Interval:
        """The mean of (Q,) shares in [0, 1] in per cent, perhaps among some queries, with bounds over videos."""
        return self.resampling.mean(100.0 * values, among, bounds=(0.0, 100.0))

    def points(self, values: Floats) -> Interval:
        """The mean of (Q,) differences of shares, in points."""
        return self.resampling.mean(100.0 * values, bounds=(-100.0, 100.0))

    @cached_property
    def blind_iou(self) -> Floats:
        """(Q,) of the constant window, with the best fitting true one; NaN where the duration is not known."""
        owner, flat = _flat([e.windows for e in self.examples])
        best = np.full(len(self), 0.0)
        np.maximum.at(best, owner, hull_iou(self.blind[owner], flat))
        return np.where(np.isnan(self.blind[:, 0]), np.nan, best)

    @property
    def length(self) -> Floats:
        """(Q,) seconds that the best fitting true window lasts."""
        return self.truth[:, 1] - self.truth[:, 0]

    @property
    def errors(self) -> Floats:
        """(Q, 2) of start and end: the answer's less the true one, so that early is negative."""
        return self.first - self.truth


def facts_of(judged: Judged, threshold: float) -> Facts:
    """The columns of answers at a threshold of IoU, which is reached as the protocol says."""
    report = judged.report
    iou = np.asarray(report.per_query["mIoU"], np.float64)
    strict = bool(getattr(PROTOCOLS.get(report.protocol), "strict", False))
    official = report.per_query.get(f"R1@{threshold:g}")
    scored = (iou, _reached(iou, threshold, strict) if official is None else np.asarray(official, bool))
    answers = (judged.examples, judged.windows, judged.regions)
    common = usual_windows(judged.train)
    return collect(*answers, threshold, scored=scored, strict=strict, constant=judged.constant, usual=common)


def collect(
    examples: Sequence[Example],
    windows: Mapping[Any, Floats],
    regions: Mapping[Any, Floats],
    threshold: float,
    *,
    scored: tuple[Floats, Bools] | None = None,
    strict: bool = False,
    constant: tuple[float, float] | None = None,
    usual: Floats | None = None,
) -> Facts:
    """The columns of windows and regions by qid, as in `Judged`; examples have at least one true window each.

    scored:   (Q,) the IoU, and which are hits, where a protocol says it; else the first window's
    strict:   a right answer has IoU > threshold, else IoU >= threshold
    constant: a window, in shares of the video, that is right most often in training, and `usual`: (K, 2) all that
              are usual there, the constant alone without them
    """
    answers = [windows.get(e.qid) for e in examples]
    pairs = _Pairs(examples, [np.zeros((0, 2)) if w is None else w[:RANKS] for w in answers])
    right = _reached(pairs.iou, threshold, strict)
    iou, hit = scored or (pairs.first_iou, _reached(pairs.first_iou, threshold, strict))
    durations = np.array([e.duration or np.nan for e in examples], np.float64)
    return Facts(
        examples=examples,
        threshold=threshold,
        iou=iou,
        hit=hit,
        read=np.array([found is not None for found in answers], bool),
        given=pairs.counts > 0,
        first=pairs.first,
        truth=pairs.truth,
        overlap=np.nan_to_num(np.maximum(0.0, _shared(pairs.first, pairs.truth))),
        duration=durations,
        blind=durations[:, None] * np.array([constant or WHOLE_VIDEO]),
        prior=constant is not None,
        copied=_copied(pairs.first, durations, np.array([constant]) if usual is None and constant else usual),
        rank=pairs.rank(right, hit),
        best=np.maximum(iou, pairs.best),
        repeats=pairs.repeats,
        later=np.maximum(pairs.counts - 1, 0),
        looked=_looked(examples, regions),
        moments=np.bincount(pairs.true_owner, minlength=len(examples)),
        found=pairs.found(right, hit),
    )


class _Pairs:
    """Every answer of a query beside every true window of it."""

    def __init__(self, examples: Sequence[Example], answers: Sequence[Floats]) -> None:
        self.size = len(examples)
        self.owner, self.answers = _flat(answers)
        self.true_owner, self.truths = _flat([e.windows for e in examples])
        self.counts = np.bincount(self.owner, minlength=self.size)
        place = np.arange(len(self.owner)) - (np.cumsum(self.counts) - self.counts)[self.owner]
        sizes = np.bincount(self.true_owner, minlength=self.size)
        begins = np.cumsum(sizes) - sizes
        each = sizes[self.owner]
        self.a = np.repeat(np.arange(len(self.owner)), each)
        inside = np.arange(len(self.a)) - np.repeat(np.cumsum(each) - each, each)
        self.t = begins[self.owner[self.a]] + inside
        self.q, self.place = self.owner[self.a], place[self.a]
        self.iou = hull_iou(self.answers[self.a], self.truths[self.t])
        self.first = np.full((self.size, 2), np.nan)
        self.first[self.owner[place == 0]] = self.answers[place == 0]
        self.truth = np.array([e.windows[0] for e in examples], np.float64).reshape(-1, 2)
        self.of_first = np.zeros(self.size, np.intp) + begins  # the true window that fits the first answer
        self._fit()
        leader = self.first[self.owner]
        same = (place > 0) & (hull_iou(self.answers, leader) > REPEATED)
        self.repeats = np.bincount(self.owner[same], minlength=self.size)
        self.best = np.zeros(self.size)
        np.maximum.at(self.best, self.q, self.iou)
        self.first_iou = np.nan_to_num(hull_iou(self.first, self.truth))

    def _fit(self) -> None:
        """The true window with which each first answer overlaps most; of equals, the one whose centre is nearest."""
        leading = np.flatnonzero(self.place == 0)
        far = np.abs(self.answers[self.a[leading]].mean(axis=1) - self.truths[self.t[leading]].mean(axis=1))
        order = leading[np.lexsort((far, -self.iou[leading], self.q[leading]))]
        queries, at = np.unique(self.q[order], return_index=True)
        self.of_first[queries] = self.t[order[at]]
        self.truth[queries] = self.truths[self.of_first[queries]]

    def rank(self, right: Bools, hit: Bools) -> Ints:
        lowest = np.full(self.size, RANKS + 1)
        later = right & (self.place > 0)
        np.minimum.at(lowest, self.q[later], self.place[later] + 1)
        return np.where(hit, 1, np.where(lowest > RANKS, 0, lowest)).astype(np.intp)

    def found(self, right: Bools, hit: Bools) -> Bools:
        """(all true windows,) in the order of the queries."""
        found = np.zeros(len(self.truths), bool)
        found[self.t[right & (self.place > 0)]] = True
        found[self.t[right & (self.place == 0) & hit[self.q]]] = True
        found[self.of_first[hit]] = True
        return found


def _flat(windows: Sequence[Floats]) -> tuple[Ints, Floats]:
    """Which query each window belongs to, and all windows (K, 2)."""
    counts = np.array([len(each) for each in windows], np.intp)
    table = np.concatenate([np.zeros((0, 2)), *windows])
    return np.repeat(np.arange(len(counts)), counts), table


def _shared(a: Floats, b: Floats) -> Floats:
    shared: Floats = np.minimum(a[:, 1], b[:, 1]) - np.maximum(a[:, 0], b[:, 0])
    return shared


def _reached(iou: Floats, threshold: float, strict: bool) -> Bools:
    return iou > threshold if strict else iou >= threshold


def _copied(first: Floats, durations: Floats, usual: Floats | None) -> Bools:
    copied = np.zeros(len(first), bool)
    for window in np.zeros((0, 2)) if usual is None else usual:
        copied |= hull_iou(first, durations[:, None] * window) > REPEATED
    return copied


def _looked(examples: Sequence[Example], regions: Mapping[Any, Floats]) -> Ints:
    looked = np.full(len(examples), -1, np.intp)
    for i, e in enumerate(examples):
        if (seen := regions.get(e.qid)) is not None:
            shared = np.minimum(seen[:, None, 1], e.windows[None, :, 1]) - np.maximum(
                seen[:, None, 0], e.windows[None, :, 0]
            )
            looked[i] = int(bool((shared > 0).any()))
    return looked
