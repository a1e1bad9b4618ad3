"""Grounding by a threshold on scores of frames, as MMDuet evaluates it (arXiv:2411.17991).

Official code: `test/evaluate.py` of yellow-binary-tree/MMDuet at 33be138, `--func grounding`. Scores are smoothed with
every window from 0 to 14 frames to either side, brought to [0, 1] by the smallest and largest of the whole video, and
frames from a threshold on are the answer, which need not be one stretch. The paper reports the best window and
threshold, chosen on the same examples; so does `best`. Neither smoothing nor scaling is causal: `grounders.stream.
threshold` is the method for a stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "THRESHOLDS",
    "WINDOWS",
    "Row",
    "best",
    "calculate_iou",
    "grounding",
    "normalize_pred_list",
    "smooth_pred_list",
]

WINDOWS = tuple(range(15))
THRESHOLDS = tuple(np.arange(0.30, 0.71, 0.02).tolist())
LEVELS = (0.3, 0.5, 0.7)
Float = NDArray[np.float64]


class Row(NamedTuple):
    """Percentages of one window and threshold: the mean IoU, and recalls at IoU 0.3, 0.5 and 0.7."""

    window: int
    threshold: float
    miou: float
    recalls: tuple[float, ...]


def smooth_pred_list(scores: ArrayLike, window_size: int = 4) -> Float:
    """The mean (N,) over up to `window_size` frames before and after each."""
    values = np.asarray(scores, dtype=np.float64)
    spans = ((max(0, i - window_size), i + window_size + 1) for i in range(len(values)))
    return np.array([values[first:last].mean() for first, last in spans])


def normalize_pred_list(scores: ArrayLike) -> Float:
    """Scores (N,) on [0, 1] by their smallest and largest; all NaN where they are equal, as in the official code."""
    values = np.asarray(scores, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        scaled: Float = (values - values.min()) / (values.max() - values.min())
    return scaled


def calculate_iou(scores: ArrayLike, inside: ArrayLike, threshold: float) -> float:
    """Of frames that score `threshold` or more and frames that are `inside` a true span; 0 where there are neither."""
    chosen, true = np.asarray(scores, dtype=np.float64) >= threshold, np.asarray(inside, dtype=bool)
    union = int((chosen | true).sum())
    return int((chosen & true).sum()) / union if union else 0.0


def grounding(
    scores: Mapping[str, ArrayLike], times: Mapping[str, ArrayLike], spans: Mapping[str, Sequence[Sequence[float]]]
) -> list[Row]:
    """A row for each window and threshold: scores and times (N,) of the frames of each query, and its true spans.

    Both ends of a span are inside.
    """
    inside = {query: _inside(times[query], spans[query]) for query in scores}
    rows = []
    for window in WINDOWS:
        curves = {query: normalize_pred_list(smooth_pred_list(each, window)) for query, each in scores.items()}
        for threshold in THRESHOLDS:
            ious = np.array([calculate_iou(curve, inside[query], threshold) for query, curve in curves.items()])
            recalls = tuple(float((ious >= level).mean() * 100) for level in LEVELS)
            rows.append(Row(window, threshold, float(ious.mean() * 100), recalls))
    return rows


def best(rows: Sequence[Row]) -> Row:
    """The row with the largest mean IoU."""
    return max(rows, key=lambda row: row.miou)


def _inside(times: ArrayLike, spans: Sequence[Sequence[float]]) -> NDArray[np.bool_]:
    """Which times (N,) lie in one of the spans."""
    at = np.asarray(times, dtype=np.float64)[:, None]
    edges = np.asarray(spans, dtype=np.float64).reshape(-1, 2)
    return np.asarray(((at >= edges[:, 0]) & (at <= edges[:, 1])).any(axis=1), dtype=bool)
