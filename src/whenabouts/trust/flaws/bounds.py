"""Bounds of 95 % confidence for what is measured on queries, of which several are of one video.

The wider of two bounds counts: one that takes queries as independent, and one that takes only videos so. The first
is safe where there are few videos, the second where queries on one video succeed and fail together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.metrics.bootstrap import Interval, intervals_of_means
from whenabouts.metrics.presence import auroc

__all__ = ["auroc_interval", "mean_interval", "share_interval", "sign_test"]

Z = 1.959963984540054


def share_interval(values: ArrayLike, videos: Sequence[object]) -> Interval:
    """The mean of values in [0, 1]: Wilson's interval, which holds for all such values, or that over videos.

    >>> share_interval([1.0] * 12, range(12))
    Interval(mean=1.0, low=0.757..., high=1.0)
    """
    row = np.asarray(values, np.float64)
    clustered = intervals_of_means({"": row}, videos)[""]
    n, p = len(row), float(row.mean())
    centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return Interval(p, max(0.0, min(clustered.low, centre - half)), min(1.0, max(clustered.high, centre + half)))


def mean_interval(values: ArrayLike, videos: Sequence[object]) -> Interval:
    """The mean of any values, with the normal interval of independent queries or that over videos."""
    row = np.asarray(values, np.float64)
    clustered = intervals_of_means({"": row}, videos)[""]
    half = Z * float(row.std(ddof=1)) / math.sqrt(len(row)) if len(row) > 1 else math.inf
    mean = float(row.mean())
    return Interval(mean, min(clustered.low, mean - half), max(clustered.high, mean + half))


def auroc_interval(scores: ArrayLike, happens: ArrayLike, videos: Sequence[object]) -> Interval:
    """The AUROC with the interval of DeLong (Biometrics 1988), or Obuchowski's (Biometrics 1997) over videos.

    Both are made of how often each query is on the right side of all queries of the other kind.
    """
    score, y = np.asarray(scores, np.float64), np.asarray(happens, bool)
    area = auroc(score, y)
    right = _right_sides(score, y)
    _, number = np.unique(np.array([str(video) for video in videos]), return_inverse=True)
    count = int(number.max()) + 1
    variance = sum(float(right[k].var(ddof=1)) / int(k.sum()) for k in (y, ~y) if k.sum() > 1)
    if count > 1:
        off = np.where(y, (right - area) / y.sum(), (right - area) / (~y).sum())
        sums = np.bincount(number, weights=off, minlength=count)
        variance = max(variance, float((sums**2).sum()) * count / (count - 1))
    half = Z * math.sqrt(variance)
    return Interval(area, max(0.0, area - half), min(1.0, area + half))


def _right_sides(score: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N,) the share of queries of the other kind that each is on the right side of; a tie counts one half."""
    out = np.empty(len(score))
    for kind, sign in ((True, 1), (False, -1)):
        others = np.sort(sign * score[y != kind])
        mine = sign * score[y == kind]
        below, up_to = np.searchsorted(others, mine, "left"), np.searchsorted(others, mine, "right")
        out[y == kind] = (below + up_to) / 2 / max(1, len(others))
    return out


def sign_test(more: int, less: int) -> float:
    """P(at least `more` of more + less fall so), where both are as likely.

    >>> sign_test(7, 0)
    0.0078125
    """
    n = more + less
    return float(sum(math.comb(n, k) for k in range(more, n + 1)) / 2**n)
