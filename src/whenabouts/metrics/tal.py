"""Temporal action localisation: mAP over classes, as the ActivityNet toolkit, OpenTAD and ActionFormer compute it.

One algorithm in three variants; `VARIANTS` states where they part. Predictions with equal scores keep file order, and a
warning states how many there are: the official code sorts them by an unstable algorithm, so its result on ties depends
on the processor. Values are fractions, not rounded.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import AnnotationError, OfficialCrash
from whenabouts.metrics.average_precision import interpolated_ap
from whenabouts.metrics.matching import PairIoU, clipped_iou, hull_iou, match, union_iou

__all__ = [
    "ACTIVITYNET",
    "THUMOS14",
    "VARIANTS",
    "Instances",
    "Variant",
    "are_plain",
    "evaluate",
    "mean_ap",
    "rank_kx",
    "read_predictions",
    "read_truths",
    "recall_at_kx",
]

ACTIVITYNET = tuple(np.linspace(0.5, 0.95, 10).tolist())
THUMOS14 = (0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True, slots=True)
class Variant:
    """How one official evaluator treats odd rows.

    iou:       `union_iou` gives NaN for 0/0, which counts as a hit; `clipped_iou` gives 0.
    shortest:  annotations of at most so many seconds are left out; None keeps even inverted ones.
    strictly:  `shortest` itself is kept.
    same:      annotations of one class whose ends agree within so many seconds count once; None keeps all.
    unknown:   whether labels that no annotation has are left out; otherwise they are an error.
    """

    iou: PairIoU = union_iou
    shortest: float | None = None
    strictly: bool = False
    same: float | None = None
    unknown: bool = False


VARIANTS: dict[str, Variant] = {
    "anet": Variant(),
    "opentad": Variant(clipped_iou, shortest=0.0, same=1e-3, unknown=True),
    "actionformer": Variant(clipped_iou, shortest=1e-3, strictly=True, same=1e-3, unknown=True),
}


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """Windows (N, 2) in seconds with class and video numbers (N,) and, for predictions, scores (N,)."""

    windows: NDArray[np.float64]
    label: NDArray[np.intp]
    video: NDArray[np.intp]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.windows)

    def take(self, rows: NDArray[Any]) -> Instances:
        """The rows of a mask or an index."""
        return Instances(self.windows[rows], self.label[rows], self.video[rows], self.score[rows])


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
    segments are refused; with `strict_official` they count as they do officially. Raises AnnotationError;
    `prefixes` stand in front of its message about predictions, and about the ground truth.
    """
    rules = VARIANTS[variant]
    truths, labels, videos, _ = read_truths(ground_truth, subset, rules, strict=strict_official, prefix=prefixes[1])
    found = read_predictions(predictions, labels, videos, rules, strict=strict_official, prefix=prefixes[0])
    ap = mean_ap(found, truths, tious, classes=len(labels), iou=rules.iou)
    figures = {f"mAP@{_name(tiou)}": float(value) for tiou, value in zip(tious, ap.mean(axis=0), strict=True)}
    figures["average_mAP"] = float(ap.mean(axis=0).mean())
    for k in recall_at:
        recalls = recall_at_kx(found, truths, tious, k, classes=len(labels), iou=rules.iou)
        figures |= {f"recall@{k}x@{_name(tiou)}": float(value) for tiou, value in zip(tious, recalls, strict=True)}
    return figures


def mean_ap(
    predictions: Instances, truths: Instances, tious: Sequence[float], *, classes: int, iou: PairIoU = union_iou
) -> NDArray[np.float64]:
    """Average precision per class and threshold, (classes, T); a class without predictions scores 0."""
    order = np.lexsort((-predictions.score, predictions.label))
    _warn_of_ties(predictions)
    ranked = predictions.take(order)
    _, group = np.unique(
        np.stack([np.r_[ranked.label, truths.label], np.r_[ranked.video, truths.video]]), axis=1, return_inverse=True
    )
    groups = group.reshape(-1).astype(np.intp)
    hits = match(ranked.windows, groups[: len(ranked)], truths.windows, groups[len(ranked) :], tious, iou=iou)
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
) -> NDArray[np.float64]:
    """Recall@kx of OpenTAD, (T,): the share of annotations that one of the best predictions reaches (>=).

    For n annotations of a class in a video the k·n best predictions count; the mean is over annotations of a class,
    then over classes.
    """
    reached = _best_of_kn(predictions, truths, k, iou)[:, None] >= np.asarray(tious)
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
    reached = _best_of_kn(in_file, truths, k, hull_iou)[:, None] > np.asarray(tious)
    shares: NDArray[np.float64] = reached.mean(axis=0)
    return shares


def _best_of_kn(predictions: Instances, truths: Instances, k: int, iou: PairIoU) -> NDArray[np.float64]:
    """IoU of every annotation with the best of the k·n first predictions of its class and video: (G,)."""
    width = int(max(predictions.video.max(initial=0), truths.video.max(initial=0))) + 1
    truth_key, key = truths.label * width + truths.video, predictions.label * width + predictions.video
    annotated = np.bincount(truth_key, minlength=int(max(key.max(initial=0), truth_key.max(initial=0))) + 1)
    order = np.lexsort((-predictions.score, key))
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


def read_truths(
    ground_truth: Mapping[str, Any], subset: str | None, rules: Variant, *, strict: bool, prefix: str
) -> tuple[Instances, dict[str, int], dict[str, int], list[Mapping[str, Any]]]:
    """Annotations, the numbers of their labels and videos by name, and the entry of the file for each of them.

    A label of which all annotations are left out has a number too. Raises AnnotationError.
    """
    labels: dict[str, int] = {}
    videos: dict[str, int] = {}
    rows: list[tuple[float, float, int, int]] = []
    entries: list[Mapping[str, Any]] = []
    database = ground_truth.get("database")
    if not isinstance(database, Mapping):
        raise AnnotationError(f"{prefix}the ground truth has no 'database' of videos")
    for name, entry in database.items():
        if subset is not None and entry.get("subset") != subset:
            continue
        kept: list[tuple[float, float, int, int]] = []
        for number, annotation in enumerate(entry.get("annotations", []), start=1):
            where = f"{prefix}video {name!r}, annotation {number}"
            start, end = _segment(annotation, where)
            label = labels.setdefault(annotation["label"], len(labels))
            row = (start, end, label, videos.setdefault(name, len(videos)))
            if rules.shortest is not None:
                length = end - start
                if length < rules.shortest or (length == rules.shortest and not rules.strictly):
                    continue
            elif not strict and not end > start:
                warnings.warn(f"{where}: [{start}, {end}] has no length", stacklevel=3)
            if rules.same is not None and any(
                label == other[2] and abs(start - other[0]) <= rules.same and abs(end - other[1]) <= rules.same
                for other in kept
            ):
                continue
            kept.append(row)
            entries.append(annotation)
        rows += kept
    if not rows:
        raise AnnotationError(f"{prefix}the ground truth has no annotation in subset {subset!r}")
    return _instances(rows), labels, videos, entries


def read_predictions(
    predictions: Mapping[str, Any],
    labels: dict[str, int],
    videos: dict[str, int],
    rules: Variant,
    *,
    strict: bool,
    prefix: str,
) -> Instances:
    """Detections with the numbers of labels and videos; a video without annotations gets one of its own.

    Raises AnnotationError, OfficialCrash.
    """
    results = predictions.get("results")
    if not isinstance(results, Mapping):
        raise AnnotationError(f"{prefix}the predictions have no 'results' of videos")
    rows: list[tuple[float, float, int, int]] = []
    scores: list[float] = []
    for name, entries in results.items():
        video = videos.setdefault(name, len(videos))
        if are_plain(entries) and all(e["label"] in labels and e["segment"][0] < e["segment"][1] for e in entries):
            rows += [(*e["segment"], labels[e["label"]], video) for e in entries]
            scores += [e["score"] for e in entries]
            continue
        for number, entry in enumerate(entries, start=1):
            where = f"{prefix}video {name!r}, prediction {number}"
            start, end = _segment(entry, where)
            if not strict and not end > start:
                raise AnnotationError(f"{where}: [{start}, {end}] is inverted, empty or not a number")
            label = labels.get(entry.get("label"))
            if label is None:
                if rules.unknown:
                    continue
                if strict:
                    raise OfficialCrash(KeyError(entry.get("label")))
                raise AnnotationError(f"{where}: no annotation has the label {entry.get('label')!r}")
            rows.append((start, end, label, video))
            scores.append(_number(entry, "score", where))
    return _instances(rows, scores)


def are_plain(entries: Any) -> bool:
    """A quick look: whether all are objects with a label, [start, end] and a score, all of them finite numbers.

    A slower look then finds the words for what is wrong.
    """
    try:
        segments, scores = [e["segment"] for e in entries], [e["score"] for e in entries]
        if not set(map(type, segments)) <= {list} or not set(map(len, segments)) <= {2}:
            return False
        if not {type(e["label"]) for e in entries} <= {str, int}:
            return False
        numbers = [*chain.from_iterable(segments), *scores]
        return set(map(type, numbers)) <= {int, float} and all(map(isfinite, numbers))
    except (LookupError, TypeError, OverflowError):
        return False


def _segment(entry: Mapping[str, Any], where: str) -> tuple[float, float]:
    segment = entry.get("segment")
    if not isinstance(segment, Sequence) or isinstance(segment, str) or len(segment) != 2:
        raise AnnotationError(f"{where}: segment must be [start, end] in seconds, got {segment!r}")
    try:
        return float(segment[0]), float(segment[1])
    except (TypeError, ValueError):
        raise AnnotationError(f"{where}: segment must be [start, end] in seconds, got {segment!r}") from None


def _number(entry: Mapping[str, Any], field: str, where: str) -> float:
    try:
        value = float(entry[field])
    except (KeyError, TypeError, ValueError):
        raise AnnotationError(f"{where}: {field} must be a number, got {entry.get(field)!r}") from None
    if np.isnan(value):
        raise AnnotationError(f"{where}: {field} is NaN")
    return value


def _instances(rows: Sequence[tuple[float, float, int, int]], scores: Sequence[float] = ()) -> Instances:
    table = np.asarray(rows, dtype=np.float64).reshape(-1, 4)
    numbers = table[:, 2:].astype(np.intp)
    return Instances(table[:, :2], numbers[:, 0], numbers[:, 1], np.asarray(scores or np.ones(len(table)), np.float64))


def _warn_of_ties(predictions: Instances) -> None:
    pairs = np.stack([predictions.label.astype(np.float64), predictions.score])
    ties = pairs.shape[1] - np.unique(pairs, axis=1).shape[1]
    if ties:
        warnings.warn(
            f"{ties} predictions share their score with another of their class: they keep file order here, while the "
            "official result depends on the processor",
            stacklevel=4,
        )


def _name(tiou: float) -> str:
    return f"{tiou:.2f}".rstrip("0")
