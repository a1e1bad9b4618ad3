"""Highlight detection as QVHighlights scores it: HL-mAP and HIT@1 from three annotators' clip ratings.

HIT@1 looks at no window: it takes the clip with the highest predicted saliency and asks whether at least one
annotator rated that clip as high as the level. Source: `standalone_eval` of Moment-DETR (arXiv:2107.09609).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import AnnotationError
from whenabouts.metrics.average_precision import tied_ap
from whenabouts.metrics.checks import MAX_DURATION

__all__ = ["CLIP_SECONDS", "LEVELS", "saliency_per_query", "saliency_scores"]

Floats = NDArray[np.float64]
Row = Mapping[str, Any]

CLIP_SECONDS = 2
LEVELS = {"Fair": 2, "Good": 3, "VeryGood": 4}  # lowest rating of a positive clip, on 0..4
ANNOTATORS = 3


def saliency_scores(submission: Sequence[Row], ground_truth: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """(HL-mAP, HIT@1) in [0, 1] per level. Raises the official code's own exceptions on unusable rows.

    A video has int(duration / 2) clips; clips without a rating are rated 0. Predictions are cut to that number, or
    filled up with zeros. The last row of a repeated qid counts.
    """
    per_query = saliency_per_query(submission, ground_truth)
    return {name: (float(np.mean(ap)), float(np.mean(hit))) for name, (ap, hit) in per_query.items()}


def saliency_per_query(submission: Sequence[Row], ground_truth: Sequence[Row]) -> dict[str, tuple[Floats, Floats]]:
    """What each query adds to them, in the order of the submission: AP (Q, 3) by annotator and HIT@1 (Q,)."""
    rows = {d["qid"]: d for d in submission}
    ratings_of = {d["qid"]: _ratings(d) for d in ground_truth}
    ratings = [ratings_of[qid] for qid in rows]
    best = np.array([int(np.argmax(d["pred_saliency_scores"])) for d in rows.values()])
    curves = [np.array(d["pred_saliency_scores"])[: len(r)] for d, r in zip(rows.values(), ratings, strict=True)]
    rank = _ranks(curves, ratings)

    clips = np.array([len(r) for r in ratings])
    flat = np.concatenate(ratings)
    query = np.repeat(np.arange(len(clips)), clips)
    inside = np.flatnonzero(best < clips)
    at_best = np.zeros((len(clips), ANNOTATORS))
    at_best[inside] = flat[(np.cumsum(clips) - clips)[inside] + best[inside]]
    unusable = np.array([not np.isfinite(c).all() for c in curves])
    by_rank = np.lexsort((rank, query))
    flat, rank, query = flat[by_rank], rank[by_rank], query[by_rank]

    scores = {}
    for name, level in LEVELS.items():
        annotator, hit = np.nonzero((flat >= level).T)
        row = annotator * len(clips) + query[hit]
        positives = np.bincount(row, minlength=ANNOTATORS * len(clips)).reshape(ANNOTATORS, -1).T
        mixed = (positives > 0) & (positives < clips[:, None])
        _check_like_sklearn(clips, curves, unusable & mixed.any(axis=1))
        ap = tied_ap(rank[hit], row, ANNOTATORS * len(clips)).reshape(ANNOTATORS, -1).T
        ap = np.where(mixed, ap, (positives > 0).astype(np.float64))
        hit_at_one = (at_best >= level).astype(np.float64).max(axis=1)
        scores[name] = (ap, hit_at_one)
    return scores


def _ratings(row: Row) -> Floats:
    """One rating per clip and annotator: (int(duration / 2), 3)."""
    if row["duration"] >= MAX_DURATION:  # also of a row that officially is taken as it is
        raise AnnotationError(f"the field duration must be the seconds of a video, not {row['duration']:g}")
    ratings = np.zeros((int(row["duration"] / CLIP_SECONDS), ANNOTATORS))
    ratings[np.array(row["relevant_clip_ids"])] = np.array(row["saliency_scores"])
    return ratings


def _ranks(curves: Sequence[Floats], ratings: Sequence[Floats]) -> NDArray[np.intp]:
    """For every clip the number of clips of its video that score at least as high; all videos in a row."""
    clips = np.array([len(r) for r in ratings])
    given = np.array([len(c) for c in curves])
    column = np.arange(clips.max(initial=0))
    table = np.zeros((len(curves), len(column)))
    table[column < given[:, None]] = np.concatenate(curves)
    table[column >= clips[:, None]] = -np.inf
    order = np.argsort(-table, axis=1)
    sorted_scores = np.take_along_axis(table, order, axis=1)
    ends = np.ones(table.shape, dtype=bool)
    ends[:, :-1] = sorted_scores[:, 1:] != sorted_scores[:, :-1]
    reach = np.where(ends, column + 1, len(column) + 1)
    reach = np.minimum.accumulate(reach[:, ::-1], axis=1)[:, ::-1]
    rank = np.empty(table.shape, dtype=np.intp)
    np.put_along_axis(rank, order, reach, axis=1)
    return rank[column < clips[:, None]]


def _check_like_sklearn(clips: NDArray[np.intp], curves: Sequence[Floats], unusable: NDArray[np.bool_]) -> None:
    """The official AP refuses a video without clips and hands the rest to scikit-learn, which refuses NaN and inf."""
    if not clips.all():
        raise AssertionError("Ground truth can only contain elements {0,1}")
    for q in np.flatnonzero(unusable).tolist():
        what = "NaN" if np.isnan(curves[q]).any() else "infinity or a value too large for dtype('float64')"
        raise ValueError(f"Input contains {what}.")
