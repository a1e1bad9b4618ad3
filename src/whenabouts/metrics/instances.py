"""Instances of actions, annotated and detected, read from files in the form of ActivityNet's toolkit."""

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
from whenabouts.metrics.matching import PairIoU, clipped_iou, union_iou

__all__ = ["VARIANTS", "Instances", "Variant", "are_plain", "read_predictions", "read_truths"]


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
    "ego4d": Variant(unknown=True),
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


def read_truths(
    ground_truth: Mapping[str, Any], subset: str | None, rules: Variant, *, strict: bool, prefix: str
) -> tuple[Instances, dict[str, int], dict[str, int], list[Mapping[str, Any]]]:
    """Annotations, the numbers of their labels and videos by name, and the entry of the file for each of them.

    A label of which all annotations are left out is unknown, as officially. Raises AnnotationError.
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
            if rules.shortest is not None:
                length = end - start
                if length < rules.shortest or (length == rules.shortest and not rules.strictly):
                    continue
            elif not strict and not end > start:
                warnings.warn(f"{where}: [{start}, {end}] has no length", stacklevel=3)
            label = labels.get(annotation["label"], len(labels))
            if rules.same is not None and any(
                label == other[2] and abs(start - other[0]) <= rules.same and abs(end - other[1]) <= rules.same
                for other in kept
            ):
                continue
            labels[annotation["label"]] = label
            kept.append((start, end, label, videos.setdefault(name, len(videos))))
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
