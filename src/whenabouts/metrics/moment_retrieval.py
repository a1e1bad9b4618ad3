"""Moment retrieval as QVHighlights scores it: MR-mAP, R1, R5 and mIoU over length buckets.

Source: `standalone_eval` of Moment-DETR (arXiv:2107.09609) and its descendants. What each of them does otherwise is
given by the arguments, see `whenabouts.metrics.qvhighlights.DIALECTS`. Failures come in the order of the official
code and with its exceptions (KeyError, IndexError, TypeError); `qvhighlights.evaluate` turns them into
WhenaboutsErrors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.metrics.average_precision import interpolated_ap
from whenabouts.metrics.matching import hull_iou, match, union_iou

__all__ = ["AP_THRESHOLDS", "Predictions", "Selection", "Truths", "average_precisions", "best_overlaps"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Row = Mapping[str, Any]

AP_THRESHOLDS = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
WINDOWS_PER_ROW = 10  # by file order, before any sorting


@dataclass(frozen=True)
class Predictions:
    """A submission as arrays, queries numbered by first appearance.

    windows: (N, 2) seconds, in file order; scores (N,); row: (N,) submission row of each window.
    query:   (R,) query of each row. A query may have several rows: AP pools them, R1 takes the last.
    broken:  what reading a row raises, by row; raised when a bucket first needs the row.
    """

    qids: dict[Any, int]
    query: Ints
    windows: Floats
    scores: Floats
    row: Ints
    broken: dict[int, Exception] = field(default_factory=dict)

    @classmethod
    def read(cls, submission: Sequence[Row]) -> Predictions:
        """Take the first ten `[start, end, score]` of every `pred_relevant_windows`."""
        qids: dict[Any, int] = {}
        query = [qids.setdefault(d["qid"], len(qids)) for d in submission]
        broken: dict[int, Exception] = {}
        try:
            lists = [d["pred_relevant_windows"][:WINDOWS_PER_ROW] for d in submission]
            table = _table([w for windows in lists for w in windows])
        except (KeyError, IndexError, TypeError, ValueError):
            lists = [_read_row(d, i, broken) for i, d in enumerate(submission)]
            table = _table([w for windows in lists for w in windows])
        row = np.repeat(np.arange(len(lists)), [len(windows) for windows in lists])
        return cls(qids, np.asarray(query, dtype=np.intp), table[:, :2], table[:, 2], row, broken)

    def ranked(self) -> Ints:
        """Windows by query, best score first, file order on equal scores."""
        order = np.lexsort((-self.scores, self.query[self.row]))
        for q in np.unique(self.query[self.row[np.isnan(self.scores)]]):
            # a NaN makes the official list.sort order arbitrary but reproducible
            mine = np.flatnonzero(self.query[self.row] == q)
            order[self.query[self.row[order]] == q] = sorted(mine, key=lambda i: -float(self.scores[i]))
        return order

    def first_windows(self, count: int) -> Ints:
        """The first `count` windows in file order of the last row of every query, by query."""
        last = np.zeros(len(self.qids), dtype=np.intp)
        last[self.query] = np.arange(len(self.query))
        sizes = np.bincount(self.row, minlength=len(self.query))
        place = np.arange(len(self.row)) - (np.cumsum(sizes) - sizes)[self.row]
        chosen = np.flatnonzero((last[self.query[self.row]] == self.row) & (place < count))
        return chosen[np.argsort(self.query[self.row[chosen]], kind="stable")]


def _table(windows: Sequence[Sequence[float]]) -> Floats:
    if not windows:
        return np.zeros((0, 3))
    table = np.asarray(windows)
    if table.ndim != 2 or table.shape[1] < 3 or table.dtype.kind not in "iuf":
        raise ValueError("windows are not rows of three numbers")
    return table[:, :3].astype(np.float64)


def _read_row(row: Row, index: int, broken: dict[int, Exception]) -> list[tuple[float, float, float]]:
    try:
        windows = [(w[0], w[1], w[2]) for w in row["pred_relevant_windows"][:WINDOWS_PER_ROW]]
        _table(windows)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        broken[index] = error
        return []
    return windows


@dataclass(frozen=True)
class Truths:
    """Annotations as arrays: windows (G, 2) s in file order, row (G,), query (R,) as the submission numbers them."""

    query: Ints
    windows: Floats
    row: Ints

    @classmethod
    def read(cls, ground_truth: Sequence[Row], qids: Mapping[Any, int]) -> Truths:
        """Take all `[start, end]` of every `relevant_windows`."""
        lists = [[(w[0], w[1]) for w in d["relevant_windows"]] for d in ground_truth]
        windows = np.asarray([w for row in lists for w in row], dtype=np.float64).reshape(-1, 2)
        row = np.repeat(np.arange(len(lists)), [len(row) for row in lists])
        return cls(np.asarray([qids[d["qid"]] for d in ground_truth], dtype=np.intp), windows, row)

    def everything(self) -> Selection:
        """All windows and all rows, also rows without windows."""
        return Selection(np.arange(len(self.windows)), np.arange(len(self.query)))

    def of_length(self, low: float, high: float) -> Selection:
        """Windows with low < length <= high, and the rows that keep at least one."""
        length = self.windows[:, 1] - self.windows[:, 0]
        kept = np.flatnonzero((low < length) & (length <= high))
        return Selection(kept, np.unique(self.row[kept]))


@dataclass(frozen=True)
class Selection:
    """A bucket: indices of true windows and of ground-truth rows."""

    windows: Ints
    rows: Ints

    def check(self, predictions: Predictions, truths: Truths) -> None:
        """Raise what the official code raises on this bucket: unreadable rows, no prediction at all, empty lists."""
        inside = np.isin(predictions.query, truths.query[self.rows])
        for index, error in predictions.broken.items():
            if inside[index]:
                raise error
        sizes = np.bincount(predictions.row, minlength=len(predictions.query))[inside]
        if not sizes.any():
            raise TypeError("'numpy.float64' object is not iterable")
        with_window = np.bincount(truths.row[self.windows], minlength=len(truths.query))[self.rows]
        if not sizes.all() or not with_window.all():
            raise IndexError("list index out of range")


def average_precisions(predictions: Predictions, truths: Truths, buckets: Sequence[Selection]) -> list[Floats]:
    """AP of every query at the ten thresholds: one (Q, 10) array per bucket, queries in submission order.

    Predictions are not filtered by length: hitting a true window outside the bucket is a false positive.
    """
    n, t = len(predictions.qids), len(AP_THRESHOLDS)
    order = predictions.ranked()
    query = predictions.query[predictions.row[order]]
    sizes = np.bincount(query, minlength=n)
    rank = np.arange(1, len(order) + 1) - (np.cumsum(sizes) - sizes)[query]
    members, askers, windows, groups = [], [], [], []
    for b, bucket in enumerate(buckets):
        inside = np.zeros(n, dtype=bool)
        inside[truths.query[bucket.rows]] = True
        members.append(inside & (sizes > 0))
        askers.append(np.flatnonzero(inside[query]))
        windows.append(bucket.windows)
        groups.append(truths.query[truths.row[bucket.windows]] + b * n)
    asker, window, truth_group = (np.concatenate(part) for part in (askers, windows, groups))
    group = query[asker] + np.repeat(np.arange(len(buckets)) * n, [len(a) for a in askers])
    hits = match(predictions.windows[order[asker]], group, truths.windows[window], truth_group, AP_THRESHOLDS)
    threshold, hit = np.nonzero(hits.T)
    row = threshold * (len(buckets) * n) + group[hit]
    by_row = np.argsort(row, kind="stable")
    positives = np.bincount(truth_group, minlength=len(buckets) * n)
    ap = interpolated_ap(rank[asker[hit]][by_row], row[by_row], np.tile(positives, t)).reshape(t, len(buckets), n)
    return [np.ascontiguousarray(ap[:, b, members[b]].T) for b in range(len(buckets))]


def best_overlaps(predictions: Predictions, truths: Truths, bucket: Selection, count: int = 1) -> Floats:
    """Hull IoU of the best pair among the first `count` windows in file order: (Q,), in submission order.

    The pair is chosen by union IoU, the first on ties. For `count` = 1 a NaN is the greatest (argmax), for more it is
    zero, as in UniVTG's R5.
    """
    chosen = predictions.first_windows(count)
    last = np.zeros(len(predictions.qids), dtype=np.intp)
    last[truths.query[bucket.rows]] = bucket.rows
    window = bucket.windows[last[truths.query[truths.row[bucket.windows]]] == truths.row[bucket.windows]]
    window = window[np.argsort(truths.query[truths.row[window]], kind="stable")]
    sizes = np.bincount(truths.query[truths.row[window]], minlength=len(predictions.qids))
    first = np.cumsum(sizes) - sizes
    query = predictions.query[predictions.row[chosen]]
    size = sizes[query]
    asker = np.repeat(chosen, size)
    target = window[np.repeat(first[query] - np.cumsum(size) + size, size) + np.arange(len(asker))]
    overlap = union_iou(predictions.windows[asker], truths.windows[target])
    overlap[np.isnan(overlap)] = np.inf if count == 1 else 0.0
    owner = np.repeat(query, size)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    highest = np.repeat(np.maximum.reduceat(overlap, starts), np.diff(np.r_[starts, len(owner)]))
    winners = np.flatnonzero(overlap == highest)
    winners = winners[np.unique(owner[winners], return_index=True)[1]]
    return hull_iou(predictions.windows[asker[winners]], truths.windows[target[winners]])
