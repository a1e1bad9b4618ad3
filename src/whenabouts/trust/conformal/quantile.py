"""The quantile of split conformal prediction where videos are exchangeable, and queries only within one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["hierarchical_quantile", "videos_needed"]


def hierarchical_quantile(scores: ArrayLike, videos: Sequence[str], coverage: float) -> float:
    """The least bound that a query of a new video stays within, with a probability of at least `coverage`.

    scores: (N,) of the queries, any of which may be infinite; videos: that of each

    With K videos of which video k has N_k queries, every score weighs 1/((K + 1) N_k), and infinity 1/(K + 1), for the
    video to come: the hierarchical conformal prediction of Lee, Barber and Willett (arXiv:2306.06342), whose promise is
    exact for finite K. One query per video makes it the usual ⌈(K + 1) coverage⌉-th smallest score; the asymptotic
    relative without the term at infinity is the pooled CDF of Dunn, Wasserman and Ramdas (arXiv:1809.07441). Infinite
    where K is too small for the coverage. Raises ValueError for NaN, unequal lengths or nothing.

    >>> hierarchical_quantile([1, 2, 3, 4], ["a", "b", "c", "d"], 0.6)
    3.0
    >>> hierarchical_quantile([1, 2, 3, 4], ["a", "b", "c", "d"], 0.9)
    inf
    """
    score = np.asarray(scores, np.float64)
    if score.shape != (len(videos),) or not len(score) or np.isnan(score).any():
        raise ValueError(f"scores {score.shape} need as many videos, got {len(videos)}, and no NaN")
    _, number, count = np.unique(np.array([str(v) for v in videos]), return_inverse=True, return_counts=True)
    weight: NDArray[np.float64] = 1 / ((len(count) + 1) * count[number])
    order = np.argsort(score, kind="stable")
    reached = np.cumsum(weight[order]) >= coverage - 1e-12
    return float(score[order][reached.argmax()]) if reached.any() else math.inf


def videos_needed(coverage: float) -> int:
    """How many videos a finite bound of this coverage takes at least.

    >>> videos_needed(0.9), videos_needed(0.95)
    (9, 19)
    """
    return math.ceil(coverage / (1 - coverage) - 1e-9)
