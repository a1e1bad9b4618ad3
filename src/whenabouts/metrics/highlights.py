"""Highlight detection on TVSum and YouTube Highlights: AP of ranked clips, as UniVTG and CG-DETR score it.

The AP is a trapezoid sum over the ranked list that begins at precision 1. It is not scikit-learn's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import AnnotationError

__all__ = ["evaluate_tvsum", "evaluate_youtube", "trapezoid_ap", "tvsum_ap", "youtube_ap"]

TOP = 5  # clips of a TVSum video that count
Row = Mapping[str, Any]


def trapezoid_ap(relevant: ArrayLike) -> float:
    """AP of a ranked list of 0/1 labels, best first; its positives are those in the list. Without any, 0.

    >>> round(trapezoid_ap([1, 0, 1]), 4)
    0.7917
    """
    labels = np.asarray(relevant, dtype=np.float64)
    if not labels.sum():
        return 0.0
    found = np.cumsum(labels)
    precision = found / np.arange(1, len(labels) + 1)
    recall = found / found[-1]
    before_precision, before_recall = np.r_[1.0, precision[:-1]], np.r_[0.0, recall[:-1]]
    return float(((recall - before_recall) * (before_precision + precision) / 2).sum())


def tvsum_ap(scores: ArrayLike, ratings: ArrayLike) -> NDArray[np.float64]:
    """AP per annotator, (A,): scores (L,) of clips, ratings (L, A).

    A clip is positive for an annotator who rates it above the lower median of the video; the five best-scored clips
    are ranked, and the positives among those five are all there are to find.
    """
    table = np.asarray(ratings, dtype=np.float64)
    order = _ranked(scores, len(table))
    median = np.sort(table, axis=0)[(len(table) - 1) // 2]
    positive = table > median
    return np.array([trapezoid_ap(column[order[:TOP]]) for column in positive.T])


def youtube_ap(scores: ArrayLike, labels: ArrayLike) -> float:
    """AP of all clips: scores (L,), labels (L,) or (L, 1) of 0 and 1."""
    table = np.asarray(labels, dtype=np.float64).reshape(-1)
    return trapezoid_ap(table[_ranked(scores, len(table))])


def evaluate_tvsum(submission: Sequence[Row], ground_truth: Sequence[Row]) -> dict[str, float]:
    """Percentages per domain and `mean` over domains.

    Rows of the submission have `qid` and `pred_saliency_scores`, those of the ground truth `label` and `domain`.
    """
    return _by_domain(submission, ground_truth, lambda scores, labels: float(tvsum_ap(scores, labels).mean()))


def evaluate_youtube(submission: Sequence[Row], ground_truth: Sequence[Row]) -> dict[str, float]:
    """Percentages per domain and `mean` over domains."""
    return _by_domain(submission, ground_truth, youtube_ap)


def _by_domain(submission: Sequence[Row], ground_truth: Sequence[Row], measure: Any) -> dict[str, float]:
    scores = {row["qid"]: row["pred_saliency_scores"] for row in submission}
    domains: dict[str, list[float]] = defaultdict(list)
    for row in ground_truth:
        if row["qid"] not in scores:
            raise AnnotationError(f"qid {row['qid']!r} of the ground truth has no prediction; every video needs a row")
        domains[row["domain"]].append(measure(scores[row["qid"]], row["label"]))
    figures = {name: round(100 * float(np.mean(values)), 4) for name, values in sorted(domains.items())}
    return figures | {"mean": round(float(np.mean(list(figures.values()))), 4)}


def _ranked(scores: ArrayLike, clips: int) -> NDArray[np.intp]:
    """Clip numbers, best first and in file order among equals; scores beyond the labels are cut off."""
    row = np.asarray(scores, dtype=np.float64)[:clips]
    if len(row) < clips:
        raise AnnotationError(f"{len(row)} scores for {clips} clips; every clip needs one")
    return np.argsort(-row, kind="stable")
