"""Temporal action localisation: mAP over classes, as the ActivityNet toolkit, OpenTAD and ActionFormer compute it.

One algorithm in variants; `VARIANTS` states where they part. Predictions with equal scores keep file order, and a
warning states how many there are. Official code turns numpy's unstable sort round, so its result on ties depends on the
processor: `strict_official` does the same (`metrics.argsorted`). Values are fractions, not rounded.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.metrics.argsorted import as_argsort, assign_as_argsort
from whenabouts.metrics.average_precision import interpolated_ap
from whenabouts.metrics.instances import VARIANTS, Instances, read_predictions, read_truths
from whenabouts.metrics.matching import PairIoU, assign, clipped_iou, hull_iou, union_iou

__all__ = ["ACTIVITYNET", "THUMOS14", "evaluate", "evaluate_ranks", "mean_ap", "rank_kx", "recall_at_kx"]

ACTIVITYNET = tuple(np.linspace(0.5, 0.95, 10).tolist())
THUMOS14 = (0.3, 0.4, 0.5, 0.6, 0.7)
EGO4D_RANKS = (0.3, 0.5, 0.7)


def evaluate(
    predictions: Mapping[str, Any],
    ground_truth: Mapping[str, Any],
    *,
    variant: str = "anet",
    subset: str | None = None,
    tious: Sequence[float] = ACTIVITYNET,
    recall_at: Sequence[int] = (),
    strict_official: bool = False,
    prefixes: tuple[str, str] = ("", ""),
) -> dict[str, float]:
    """Mean AP at each tIoU and their average, and Recall@kx, of ActivityNet-style files already parsed.

    `predictions` has `results`: video -> rows of segment, label, score; `ground_truth` has `database`: video ->
    subset and annotations. `subset` chooses annotated videos; None takes all. By default inverted, empty and NaN
    segments are refused; with `strict_official` they count as they do officially, and equal scores are sorted so.
    Raises AnnotationError; `prefixes` stand in front of its message about predictions, and about the ground truth.
    """
    rules = VARIANTS[variant]
    truths, labels, videos, _ = read_truths(ground_truth, subset, rules, strict=strict_official, prefix=prefixes[1])
    found = read_predictions(predictions, labels, videos, rules, strict=strict_official, prefix=prefixes[0])
    _warn_of_ties(found, strict_official)
    ap = mean_ap(found, truths, tious, classes=len(labels), iou=rules.iou, strict_official=strict_official)
    figures = _named("mAP", tious, ap.mean(axis=0))
    figures["average_mAP"] = float(ap.mean(axis=0).mean())
    for k in recall_at:
        recalls = recall_at_kx(
            found, truths, tious, k, classes=len(labels), iou=rules.iou, strict_official=strict_official
        )
        figures |= _named(f"recall@{k}x", tious, recalls)
    return figures


def evaluate_ranks(
    predictions: Mapping[str, Any],
    ground_truth: Mapping[str, Any],
    *,
    subset: str | None = None,
    tious: Sequence[float] = EGO4D_RANKS,
    ranks: Sequence[int] = (1, 2, 3, 4, 5),
    strict_official: bool = False,
    prefixes: tuple[str, str] = ("", ""),
) -> dict[str, float]:
    """Rank kx of Ego4D's moment queries; arguments and errors are those of `evaluate`.

    A clip without an entry retrieves nothing, where official code stops.
    """
    rules = VARIANTS["ego4d"]
    truths, labels, videos, _ = read_truths(ground_truth, subset, rules, strict=strict_official, prefix=prefixes[1])
    found = read_predictions(predictions, labels, videos, rules, strict=strict_official, prefix=prefixes[0])
    figures: dict[str, float] = {}
    for k in ranks:
        figures |= _named(f"rank@{k}x", tious, rank_kx(found, truths, tious, k))
    return figures


def mean_ap(
    predictions: Instances,
    truths: Instances,
    tious: Sequence[float],
    *,
    classes: int,
    iou: PairIoU = union_iou,
    strict_official: bool = False,
) -> NDArray[np.float64]:
    """Average precision per class and threshold, (classes, T); a class without predictions scores 0."""
    order = _best_first(predictions.label, predictions.score, strict_official)
    ranked = predictions.take(order)
    _, group = np.unique(
        np.stack([np.r_[ranked.label, truths.label], np.r_[ranked.video, truths.video]]), axis=1, return_inverse=True
    )
    groups = group.reshape(-1).astype(np.intp)
    matched = assign_as_argsort if strict_official else assign
    hits = matched(ranked.windows, groups[: len(ranked)], truths.windows, groups[len(ranked) :], tious, iou=iou) >= 0
    first = np.searchsorted(ranked.label, np.arange(classes))
    rank = np.arange(len(ranked)) - first[ranked.label] + 1
    positives = np.bincount(truths.label, minlength=classes)
    columns = [interpolated_ap(rank[hit], ranked.label[hit], positives) for hit in hits.T]
    return np.stack(columns, axis=1)


def recall_at_kx(
    predictions: Instances,
    truths: Instances,
    tious: Sequence[float],
    k: int,
    *,
    classes: int,
    iou: PairIoU = clipped_iou,
    strict_official: bool = False,
) -> NDArray[np.float64]:
    """Recall@kx of OpenTAD, (T,): the share of annotations that one of the best predictions reaches (>=).

    For n annotations of a class in a video the k·n best predictions count; the mean is over annotations of a class,
    then over classes.
    """
    reached = _best_of_kn(predictions, truths, k, iou, strict_official)[:, None] >= np.asarray(tious)
    counts = np.bincount(truths.label, minlength=classes)
    per_class = np.stack([np.bincount(truths.label, r, minlength=classes) for r in reached.T], axis=1)
    recalls: NDArray[np.float64] = (per_class[counts > 0] / counts[counts > 0, None]).mean(axis=0)
    return recalls


def rank_kx(predictions: Instances, truths: Instances, tious: Sequence[float], k: int) -> NDArray[np.float64]:
    """Rank kx @ tIoU of Ego4D's moment queries, (T,): as `recall_at_kx`, but by the official retrieval code.

    Predictions keep file order, whatever their scores, a hit needs hull IoU > tIoU, and the mean is over annotations.
    """
    in_file = Instances(
        predictions.windows, predictions.label, predictions.video, -np.arange(len(predictions), dtype=np.float64)
    )
    reached = _best_of_kn(in_file, truths, k, hull_iou, False)[:, None] > np.asarray(tious)
    shares: NDArray[np.float64] = reached.mean(axis=0)
    return shares


def _best_of_kn(predictions: Instances, truths: Instances, k: int, iou: PairIoU, strict: bool) -> NDArray[np.float64]:
    """IoU of every annotation with the best of the k·n first predictions of its class and video: (G,)."""
    width = int(max(predictions.video.max(initial=0), truths.video.max(initial=0))) + 1
    truth_key, key = truths.label * width + truths.video, predictions.label * width + predictions.video
    annotated = np.bincount(truth_key, minlength=int(max(key.max(initial=0), truth_key.max(initial=0))) + 1)
    order = _best_first(key, predictions.score, strict)
    sorted_key = key[order]
    place = np.arange(len(order)) - np.searchsorted(sorted_key, sorted_key)
    kept = order[place < k * annotated[sorted_key]]
    keys = key[kept]
    low, high = np.searchsorted(keys, truth_key, "left"), np.searchsorted(keys, truth_key, "right")
    best = np.zeros(len(truths))
    for i in np.flatnonzero(high > low).tolist():
        rows = predictions.windows[kept[low[i] : high[i]]]
        best[i] = iou(rows, np.broadcast_to(truths.windows[i], rows.shape)).max()
    return best


def _best_first(group: NDArray[np.intp], score: NDArray[np.float64], strict: bool) -> NDArray[np.intp]:
    return as_argsort(group, score) if strict else np.lexsort((-score, group))


def _warn_of_ties(predictions: Instances, strict: bool) -> None:
    pairs = np.stack([predictions.label.astype(np.float64), predictions.score])
    ties = pairs.shape[1] - np.unique(pairs, axis=1).shape[1]
    if ties:
        if strict:
            told = (
                f"predictions share their score with another of their class ({ties}): they are sorted as officially, "
                "by a sort whose result depends on the processor"
            )
        else:
            told = (
                f"predictions share their score with another of their class ({ties}): they keep file order here, while "
                "the official result depends on the processor"
            )
        warnings.warn(told, stacklevel=3)


def _named(name: str, tious: Sequence[float], values: NDArray[np.float64]) -> dict[str, float]:
    return {f"{name}@{f'{t:.2f}'.rstrip('0')}": float(value) for t, value in zip(tious, values, strict=True)}
