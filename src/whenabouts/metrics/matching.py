"""One-to-one matching of ranked predictions with true windows, for all thresholds at once.

The rule of every detection metric: predictions are visited best first; each takes the free true window it overlaps
most, provided that overlap reaches the threshold. Visiting millions of predictions one by one is slow, so the same
assignment is reached in rounds (deferred acceptance, Gale & Shapley 1962): every prediction asks for its favourite
window, every window keeps the best-ranked asker, the refused ask for their next. All windows rank the predictions
alike, so the stable assignment is unique and equals the one of the sequential rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["PairIoU", "assign", "clipped_iou", "closest", "hull_iou", "match", "union_iou"]

Floats = NDArray[np.float64]
PairIoU = Callable[[Floats, Floats], Floats]

PAIRS_PER_BLOCK = 1 << 18  # overlaps computed at once: bounds memory for any number of predictions


def _overlap(a: Floats, b: Floats) -> Floats:
    shared: Floats = np.maximum(np.minimum(a[:, 1], b[:, 1]) - np.maximum(a[:, 0], b[:, 0]), 0)
    return shared


def union_iou(a: Floats, b: Floats) -> Floats:
    """Row by row IoU of (N, 2) and (N, 2) seconds -> (N,); 0/0 is NaN, as in the ActivityNet and QVHighlights code."""
    shared = _overlap(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = shared / ((a[:, 1] - a[:, 0]) + (b[:, 1] - b[:, 0]) - shared)
    return ratio


def clipped_iou(a: Floats, b: Floats) -> Floats:
    """`union_iou` with the union kept at 1e-8 seconds or more, as in OpenTAD: two empty windows score 0."""
    shared = _overlap(a, b)
    ratio: Floats = shared / np.maximum((a[:, 1] - a[:, 0]) + (b[:, 1] - b[:, 0]) - shared, 1e-8)
    return ratio


def hull_iou(a: Floats, b: Floats) -> Floats:
    """Row by row overlap over the hull max(end) − min(start); 0 where the hull is 0.

    Equal to `union_iou` for overlapping windows; the form of 2D-TAN, Ego4D, the video-LLM evaluators and R1.
    """
    hull = np.maximum(a[:, 1], b[:, 1]) - np.minimum(a[:, 0], b[:, 0])
    shared = _overlap(a, b)
    ratio: Floats = np.divide(shared, hull, out=np.zeros_like(shared), where=hull != 0)
    return ratio


def match(
    predictions: Floats,
    prediction_group: NDArray[np.intp],
    truths: Floats,
    truth_group: NDArray[np.intp],
    thresholds: ArrayLike,
    *,
    iou: PairIoU = union_iou,
) -> NDArray[np.bool_]:
    """Which predictions are right: (P, 2), (P,), (G, 2), (G,), (T,) -> (P, T). The rule is that of `assign`."""
    return assign(predictions, prediction_group, truths, truth_group, thresholds, iou=iou) >= 0


def assign(
    predictions: Floats,
    prediction_group: NDArray[np.intp],
    truths: Floats,
    truth_group: NDArray[np.intp],
    thresholds: ArrayLike,
    *,
    iou: PairIoU = union_iou,
) -> NDArray[np.intp]:
    """The true window that each prediction takes, -1 for none: (P, 2), (P,), (G, 2), (G,), (T,) -> (P, T).

    Windows meet only inside a group (a query, or a class in a video). Predictions come best first within their group.
    A prediction prefers the window with the greatest IoU, among equals the later one in the file; a NaN IoU counts as
    greater than any (official code asks `iou < threshold`, which NaN never is).
    """
    limits = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    taken = np.full((len(predictions), len(limits)), -1, dtype=np.intp)
    if not len(truths) or not len(predictions):
        return taken
    asker, window, value = _candidates(predictions, prediction_group, truths, truth_group, limits.min(), iou)
    for t, limit in enumerate(limits):
        enough = value >= limit
        holders, held = _settle(asker[enough], window[enough], len(truths))
        taken[holders, t] = held
    return taken


def closest(
    predictions: Floats,
    prediction_group: NDArray[np.intp],
    truths: Floats,
    truth_group: NDArray[np.intp],
    *,
    iou: PairIoU = union_iou,
) -> tuple[NDArray[np.intp], Floats]:
    """The true window of its group that each prediction overlaps most, and their IoU: (P,) and (P,).

    Among equals it is the first in the file. -1 and 0 where the group has no window; a NaN IoU counts as greater than
    any, and is given back as NaN.
    """
    best, overlap = np.full(len(predictions), -1, dtype=np.intp), np.zeros(len(predictions))
    if not len(truths) or not len(predictions):
        return best, overlap
    for asker, window, value in _pairs(predictions, prediction_group, truths, truth_group, iou):
        if len(asker):
            first = np.flatnonzero(np.r_[True, asker[1:] != asker[:-1]])
            most = np.maximum.reduceat(value, first)
            equal = np.flatnonzero(value == np.repeat(most, np.diff(np.r_[first, len(asker)])))
            _, at = np.unique(asker[equal], return_index=True)
            best[asker[first]], overlap[asker[first]] = window[equal[at]], most
    overlap[np.isinf(overlap)] = np.nan
    return best, overlap


def _candidates(
    predictions: Floats,
    prediction_group: NDArray[np.intp],
    truths: Floats,
    truth_group: NDArray[np.intp],
    lowest: float,
    iou: PairIoU,
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Pairs (prediction, truth, IoU) that reach `lowest`, by prediction and then by preference; NaN becomes inf."""
    found = []
    for asker, window, value in _pairs(predictions, prediction_group, truths, truth_group, iou):
        keep = value >= lowest
        found.append((asker[keep], window[keep], value[keep]))
    asker, window, value = (np.concatenate(part) for part in zip(*found, strict=True))
    preference = np.lexsort((-window, -value, asker))
    return asker[preference], window[preference], value[preference]


def _pairs(
    predictions: Floats,
    prediction_group: NDArray[np.intp],
    truths: Floats,
    truth_group: NDArray[np.intp],
    iou: PairIoU,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Floats]]:
    """Blocks of all pairs (prediction, truth, IoU) of a group, in the order of the file; NaN becomes inf."""
    file_order = np.argsort(truth_group, kind="stable")
    groups = int(max(truth_group.max(), prediction_group.max())) + 1
    sizes = np.bincount(truth_group, minlength=groups)
    first = np.cumsum(sizes) - sizes
    pairs_up_to = np.cumsum(sizes[prediction_group])
    cuts = np.searchsorted(pairs_up_to, np.arange(PAIRS_PER_BLOCK, pairs_up_to[-1], PAIRS_PER_BLOCK))
    for start, stop in zip(np.r_[0, cuts], np.r_[cuts, len(predictions)], strict=True):
        group = prediction_group[start:stop]
        size = sizes[group]
        asker = np.repeat(np.arange(start, stop), size)
        place = np.arange(len(asker)) - np.repeat(np.cumsum(size) - size, size)
        window = file_order[np.repeat(first[group], size) + place]
        value = iou(predictions[asker], truths[window])
        value[np.isnan(value)] = np.inf
        yield asker, window, value


def _settle(
    asker: NDArray[np.intp], window: NDArray[np.intp], n_windows: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The askers that hold a window in the end, and these; pairs come best asker first, favourite window first."""
    if not len(asker):
        return asker, window
    start = np.flatnonzero(np.r_[True, asker[1:] != asker[:-1]])
    stop = np.r_[start[1:], len(asker)]
    holder = np.full(n_windows, len(asker) + asker[-1], dtype=np.intp)
    asking = start.copy()
    while True:
        np.minimum.at(holder, window[asking], asker[asking])
        refused = holder[window[asking]] != asker[asking]
        asking[refused] += 1
        going_on = asking < stop
        if not refused.any():
            return asker[asking], window[asking]
        asking, stop = asking[going_on], stop[going_on]
        if not len(asking):
            return asker[:0], window[:0]
