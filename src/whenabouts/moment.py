"""`Moment` and the algebra of time intervals.

An interval array is a float array of shape (N, 2): rows [start, end] in seconds. Functions are pure, vectorised
and keep the dtype they are given, so that float32 vectors of official code reproduce bit for bit. Two intervals that
touch in one point have an intersection of zero. Nothing here checks start < end: metrics must be able to see bad rows;
`Moment` is the place that refuses them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import MomentError

__all__ = [
    "Evidence",
    "Moment",
    "clips_to_windows",
    "giou",
    "intersection",
    "iop",
    "merge",
    "nms",
    "round_to_clips",
    "soft_nms",
    "tiou",
    "union",
]

Array = NDArray[Any]
FEW = 32  # windows that are quicker laid beside each other at once than one after the other


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a moment was found, such as `seen` in the picture, `said` in speech or subtitles, `written` on screen.

    `kind` is a name in `evidence.KINDS`; `text` quotes what was said or written; `start` and `end` (seconds) bound the
    quoted line or the shot.
    """

    kind: str
    start: float
    end: float
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of video: 0 <= start < end, in seconds on the video's own clock, with a score (higher is better).

    `spread`: how far start and end are uncertain, in seconds either way, if the grounder estimates it.
    Raises MomentError.

    >>> Moment(2.0, 5.5, 0.9).duration
    3.5
    >>> Moment(5, 3)
    Traceback (most recent call last):
    whenabouts.errors.MomentError: a moment needs 0 <= start < end, got start=5, end=3
    """

    start: float
    end: float
    score: float = 1.0
    evidence: tuple[Evidence, ...] = ()
    spread: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and math.isfinite(self.end) and 0 <= self.start < self.end):
            raise MomentError(f"a moment needs 0 <= start < end, got start={self.start}, end={self.end}")
        if math.isnan(self.score):
            raise MomentError("a moment's score must be a number, got NaN")

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    def tiou(self, other: Moment) -> float:
        """Temporal intersection over union with another moment, in [0, 1]."""
        return float(tiou([self.start, self.end], [other.start, other.end])[0, 0])


def _pairs(a: ArrayLike, b: ArrayLike) -> tuple[Array, Array, Array, Array]:
    a, b = np.atleast_2d(np.asarray(a)), np.atleast_2d(np.asarray(b))
    return a[:, None, 0], a[:, None, 1], b[None, :, 0], b[None, :, 1]


def intersection(a: ArrayLike, b: ArrayLike) -> Array:
    """Length of overlap for every pair: (N, 2), (M, 2) -> (N, M), never negative."""
    a0, a1, b0, b1 = _pairs(a, b)
    overlap: Array = np.maximum(np.minimum(a1, b1) - np.maximum(a0, b0), 0)
    return overlap


def union(a: ArrayLike, b: ArrayLike) -> Array:
    """Total covered length for every pair: (N, 2), (M, 2) -> (N, M)."""
    return _union(a, b, intersection(a, b))


def _union(a: ArrayLike, b: ArrayLike, shared: Array) -> Array:
    a0, a1, b0, b1 = _pairs(a, b)
    covered: Array = (a1 - a0) + (b1 - b0) - shared
    return covered


def tiou(a: ArrayLike, b: ArrayLike) -> Array:
    """Temporal IoU for every pair: (N, 2), (M, 2) -> (N, M) in [0, 1].

    Pairs whose union is not positive (two empty or inverted intervals) score 0, not NaN.

    >>> tiou([[0, 10]], [[0, 10], [5, 15], [20, 30]]).round(3).tolist()
    [[1.0, 0.333, 0.0]]
    """
    shared = intersection(a, b)
    return _ratio(shared, _union(a, b, shared))


def iop(prediction: ArrayLike, target: ArrayLike) -> Array:
    """Intersection over the prediction's own length: (N, 2), (M, 2) -> (N, M)."""
    p0, p1, _, _ = _pairs(prediction, target)
    overlap = intersection(prediction, target)
    return _ratio(overlap, np.broadcast_to(p1 - p0, overlap.shape))


def giou(a: ArrayLike, b: ArrayLike) -> Array:
    """Generalised IoU for every pair, in (-1, 1]: tIoU minus the empty share of the hull (arXiv:1902.09630)."""
    a0, a1, b0, b1 = _pairs(a, b)
    covered = union(a, b)
    hull = np.maximum(a1, b1) - np.minimum(a0, b0)
    return tiou(a, b) - _ratio(hull - covered, hull)


def _ratio(numerator: Array, denominator: Array) -> Array:
    if not np.issubdtype(denominator.dtype, np.floating):
        numerator, denominator = numerator.astype(float), denominator.astype(float)
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)


def nms(windows: ArrayLike, scores: ArrayLike, threshold: float) -> NDArray[np.intp]:
    """Greedy non-maximum suppression: indices to keep, best score first, file order on equal scores.

    A window is dropped when its tIoU with a kept one is greater than `threshold`.
    """
    windows, left = np.asarray(windows), np.argsort(-np.asarray(scores), kind="stable")
    kept: list[int] = []
    if len(left) < 2:
        return left
    if len(left) <= FEW:
        apart = (tiou(windows, windows) <= threshold).tolist()
        for i in left.tolist():
            if all(apart[j][i] for j in kept):
                kept.append(i)
        return np.asarray(kept, dtype=np.intp)
    while left.size:
        best, left = left[0], left[1:]
        kept.append(int(best))
        left = left[tiou(windows[best], windows[left])[0] <= threshold] if left.size else left
    return np.asarray(kept, dtype=np.intp)


def soft_nms(
    windows: ArrayLike, scores: ArrayLike, *, sigma: float = 0.5, min_score: float = 0.001, limit: int | None = None
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Gaussian Soft-NMS (arXiv:1704.04503): overlap costs score, `exp(-tIoU² / sigma)`, instead of the window.

    Returns (indices, decayed scores), best first; windows that fall below `min_score` are left out.
    """
    windows, left = np.asarray(windows), np.asarray(scores, dtype=np.float64).copy()
    alive = np.ones(len(left), dtype=bool)
    kept: list[int] = []
    out: list[float] = []
    while alive.any() and (limit is None or len(kept) < limit):
        i = int(np.argmax(np.where(alive, left, -np.inf)))
        if left[i] < min_score:
            break
        kept.append(i)
        out.append(float(left[i]))
        alive[i] = False
        left[alive] *= np.exp(-(tiou(windows[i], windows[alive])[0] ** 2) / sigma) if alive.any() else 1.0
    return np.asarray(kept, dtype=np.intp), np.asarray(out)


def merge(windows: ArrayLike, *, gap: float = 0.0) -> NDArray[np.float64]:
    """Join windows that overlap or lie at most `gap` seconds apart: (N, 2) -> (M, 2), sorted and disjoint.

    >>> merge([[4, 6], [0, 2], [1, 3]]).tolist()
    [[0.0, 3.0], [4.0, 6.0]]
    """
    rows = np.asarray(windows, dtype=np.float64).reshape(-1, 2)
    if not len(rows):
        return rows
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    reach = np.maximum.accumulate(rows[:, 1])
    first = np.concatenate([[True], rows[1:, 0] > reach[:-1] + gap])
    starts = np.flatnonzero(first)
    ends = np.concatenate([starts[1:], [len(rows)]]) - 1
    return np.column_stack([rows[starts, 0], reach[ends]])


def round_to_clips(windows: ArrayLike, clip: float, *, low: float = 0.0, high: float | None = None) -> Array:
    """Clamp windows to [low, high] and round both ends to the nearest multiple of `clip` seconds.

    Halves go to the even multiple, in float32, as `torch.round` does in the official QVHighlights post-processing.
    The result may contain windows of zero length.
    """
    rows = np.clip(np.asarray(windows, dtype=np.float32), np.float32(low), None if high is None else np.float32(high))
    return np.round(rows / np.float32(clip)) * np.float32(clip)


def clips_to_windows(clip_ids: Sequence[int] | Iterable[int], clip: float = 1.0) -> NDArray[np.float64]:
    """Runs of consecutive clip numbers as windows in seconds: ids (K,) -> (M, 2).

    >>> clips_to_windows([0, 1, 2, 7], clip=2.0).tolist()
    [[0.0, 6.0], [14.0, 16.0]]
    """
    ids = np.unique(np.asarray(list(clip_ids), dtype=np.int64))
    if not ids.size:
        return np.zeros((0, 2))
    breaks = np.flatnonzero(np.diff(ids) > 1)
    starts = ids[np.concatenate([[0], breaks + 1])]
    ends = ids[np.concatenate([breaks, [ids.size - 1]])] + 1
    return np.column_stack([starts, ends]) * float(clip)
