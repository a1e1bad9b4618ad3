"""Standard errors and the paired t test as lmms-eval has them (`api/metrics.py`, after arXiv:2411.00640).

Equal to what it prints, so that figures can be held against its logs; `metrics.paired` needs no normal distribution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from whenabouts.metrics.student import t_quantile, two_sided_p

__all__ = ["PairedT", "clustered_stderr", "paired_t"]


class PairedT(NamedTuple):
    """The mean of second − first with its standard error, 95 % bounds, t and p."""

    mean: float
    stderr: float
    low: float
    high: float
    t: float
    p: float


def clustered_stderr(scores: ArrayLike, clusters: Sequence[object]) -> float:
    """The standard error of the mean of scores (N,) that go together within a cluster, such as a video.

    NaN for fewer than two clusters, which tell nothing.
    """
    values = np.asarray(scores, dtype=np.float64)
    names, number = np.unique(np.array([str(cluster) for cluster in clusters]), return_inverse=True)
    n = len(values)
    if len(names) < 2:
        return math.nan
    off = values - values.mean()
    squares = float((off**2).sum())
    within = np.bincount(number, weights=off)
    return math.sqrt(squares / (n - 1) / n + (float((within**2).sum()) - squares) / n**2)


def paired_t(first: ArrayLike, second: ArrayLike) -> PairedT:
    """The test of values (N,) of two systems on the same queries, taken to be independent; NaN for fewer than two."""
    off = np.asarray(second, dtype=np.float64) - np.asarray(first, dtype=np.float64)
    n = len(off)
    if n < 2:
        return PairedT(*[math.nan] * 6)
    mean = float(off.mean())
    stderr = math.sqrt(float(((off - mean) ** 2).sum()) / (n - 1) / n)
    reach = t_quantile(0.975, n - 1) * stderr
    if stderr == 0:
        t, p = (math.copysign(math.inf, mean), 0.0) if mean else (0.0, 1.0)
    else:
        t = mean / stderr
        p = two_sided_p(t, n - 1)
    return PairedT(mean, stderr, mean - reach, mean + reach, t, p)
