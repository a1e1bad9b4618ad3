"""Average precision, summed in the order of the official code so that every bit of the result agrees.

Rows (a query at a threshold, a class, an annotator) have unequal numbers of hits. Rows with equally many are computed
together: numpy then adds each of them in the same order as it adds that row alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["interpolated_ap", "normalised_precision", "tied_ap"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def _equal_lengths(lengths: Ints) -> Iterator[tuple[Ints, Ints]]:
    """(rows, positions) for every length > 0: the flat positions (M, K) of the rows that have K entries."""
    starts = np.cumsum(lengths) - lengths
    for length in np.unique(lengths[lengths > 0]):
        rows = np.flatnonzero(lengths == length)
        yield rows, starts[rows][:, None] + np.arange(length)


def interpolated_ap(rank: Ints, row: Ints, positives: Ints, *, normal: float | None = None) -> Floats:
    """All-point interpolated AP (VOC 2010): hits as (H,) rank and (H,) row, positives per row (R,) -> (R,).

    `rank` counts all predictions of the row from 1, best first; hits are sorted by row, then rank. A row without
    positives or without hits scores 0. With `normal`, precision is as if every row had so many.
    """
    scores = np.zeros(len(positives))
    for rows, at in _equal_lengths(np.bincount(row, minlength=len(positives))):
        found = np.arange(1, at.shape[1] + 1, dtype=np.float64)
        recall = found / positives[rows][:, None]
        precision = found / rank[at] if normal is None else normalised_precision(recall, rank[at] - found, normal)
        envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        terms = np.diff(recall, axis=1, prepend=0.0) * envelope
        complete = positives[rows] == at.shape[1]
        # official sums run on to recall 1: where some positives are never found, a zero is added last
        scores[rows[complete]] = terms[complete].sum(axis=1)
        scores[rows[~complete]] = np.pad(terms[~complete], ((0, 0), (0, 1))).sum(axis=1)
    return scores


def normalised_precision(recall: Floats, wrong: Ints, normal: float) -> Floats:
    """Precision at a recall and after `wrong` predictions, as if there were `normal` positives (Hoiem, ECCV 2012)."""
    right = recall * normal
    precision: Floats = right / (right + wrong)
    return precision


def tied_ap(rank: Ints, row: Ints, rows: int) -> Floats:
    """AP over distinct scores, the QVHighlights kind: positives as (H,) rank and (H,) row -> (rows,).

    `rank` is the number of items that score at least as high as the positive, so tied positives share one rank. Hits
    are sorted by row, then rank. The result is the unweighted mean of the interpolated precision over the ranks, from
    the lowest score to the highest: a rank that adds nine positives weighs as much as one that adds one.
    """
    lengths = np.bincount(row, minlength=rows)
    order = np.arange(1, len(rank) + 1) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    last = np.r_[(rank[1:] != rank[:-1]) | (row[1:] != row[:-1]), True][: len(rank)]
    precision, row = (order / rank)[last], row[last]
    scores = np.zeros(rows)
    for these, at in _equal_lengths(np.bincount(row, minlength=rows)):
        scores[these] = np.maximum.accumulate(precision[at[:, ::-1]], axis=1).mean(axis=1)
    return scores
