"""Ranked windows against true ones: R@n,IoU=m and mIoU, the measures of sentence grounding.

A ranked answer is an (N, 2) array of [start, end] in seconds, best first; a truth is (M, 2). Where several windows are
true, any one counts. The three functions of the field's introductory lecture come first; its example gives
R1@0.5 = R1@0.7 = 1/3, R5@0.5 = 2/3 and mIoU = 0.337.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.metrics.matching import PairIoU, hull_iou
from whenabouts.moment import nms, tiou

__all__ = ["compute_iou", "mean_iou", "overlaps", "recall_at_n", "recall_at_n_iou", "set_iou", "suppressed"]

Floats = NDArray[np.float64]


def compute_iou(prediction: ArrayLike, truth: ArrayLike) -> float:
    """Temporal IoU of two windows [start, end].

    >>> round(compute_iou([0, 10], [5, 15]), 3)
    0.333
    """
    return float(tiou(prediction, truth)[0, 0])


def recall_at_n_iou(
    predictions: Sequence[ArrayLike], truths: Sequence[ArrayLike], n: int, iou_threshold: float
) -> float:
    """The share of queries of which one of the first n windows reaches `iou_threshold` (>=), in [0, 1].

    >>> recall_at_n_iou([[[0, 10], [40, 50]], [[1, 2]]], [[41, 50], [5, 9]], n=2, iou_threshold=0.5)
    0.5
    """
    return float(recall_at_n(overlaps(predictions, truths), n, iou_threshold))


def mean_iou(predictions: Sequence[ArrayLike], truths: Sequence[ArrayLike]) -> float:
    """The mean over queries of the first window's IoU, in [0, 1].

    >>> mean_iou([[[0, 10]], [[0, 4]]], [[0, 10], [8, 9]])
    0.5
    """
    return float(overlaps(predictions, truths)[:, 0].mean())


def overlaps(
    predictions: Sequence[ArrayLike], truths: Sequence[ArrayLike], *, ranks: int | None = None, iou: PairIoU = hull_iou
) -> Floats:
    """IoU of every ranked window with the true window it fits best: (Q, ranks), 0 where there is no window.

    `ranks` defaults to the longest answer. NaN overlaps stay NaN: the protocol says what they cost.
    """
    answers = [
        np.asarray(p, dtype=np.float64).reshape(-1, np.shape(p)[-1] if np.size(p) else 2)[:, :2] for p in predictions
    ]
    targets = [np.asarray(t, dtype=np.float64).reshape(-1, 2) for t in truths]
    width = ranks if ranks is not None else max((len(a) for a in answers), default=0)
    best = np.zeros((len(answers), max(1, width)))
    counts = np.array([min(len(a), width) for a in answers], dtype=np.intp)
    if not counts.sum():
        return best
    flat = np.concatenate([a[:width] for a in answers])
    query = np.repeat(np.arange(len(answers)), counts)
    place = np.arange(len(flat)) - np.repeat(np.cumsum(counts) - counts, counts)
    found = np.full(len(flat), -np.inf)
    sizes = np.array([len(t) for t in targets])
    first, true = np.cumsum(sizes) - sizes, np.concatenate(targets)
    for slot in range(int(sizes.max(initial=0))):
        has = sizes[query] > slot
        found[has] = np.fmax(found[has], iou(flat[has], true[first[query[has]] + slot]))
    best[query, place] = np.where(np.isneginf(found), 0.0, found)
    return best


def recall_at_n(best: Floats, n: int, threshold: float, *, strict: bool = False) -> float:
    """R@n from `overlaps` (Q, ranks): IoU > threshold if `strict`, else IoU >= threshold; in [0, 1]."""
    with np.errstate(invalid="ignore"):
        reached = best[:, :n] > threshold if strict else best[:, :n] >= threshold
    return float(reached.any(axis=1).mean())


def suppressed(answer: ArrayLike, threshold: float, top: int) -> Floats:
    """2D-TAN's NMS: walk down the ranks, keep what overlaps every kept window by at most `threshold`, stop at `top`."""
    rows = np.asarray(answer, dtype=np.float64)
    rows = rows.reshape(-1, rows.shape[-1] if rows.size else 2)[:, :2]
    kept: Floats = rows[nms(rows, -np.arange(len(rows)), threshold)[:top]]
    return kept


def set_iou(prediction: ArrayLike, truth: ArrayLike, dtype: type[np.floating[Any]] = np.float64) -> float:
    """UniTime's set measure: sum of all pairwise intersections over (lengths − that sum); not finite counts 0.

    dtype: of the arithmetic; UniTime's own is float32.
    Overlapping predictions are counted twice, so the value may exceed 1 and is not comparable with R@n.
    """
    a, b = (np.asarray(w, dtype=dtype).reshape(-1, 2) for w in (prediction, truth))
    shared = np.maximum(np.minimum(a[:, None, 1], b[None, :, 1]) - np.maximum(a[:, None, 0], b[None, :, 0]), 0).sum()
    covered = (a[:, 1] - a[:, 0]).sum() + (b[:, 1] - b[:, 0]).sum() - shared
    value = shared / covered if covered else 0.0
    return float(value) if np.isfinite(value) else 0.0
