"""Coverage: how often ranges hold what is true, with confidence intervals over videos.

Coverage is that of a query drawn from a video drawn at random: the mean over videos of the share in each, so that a
video with many queries weighs no more than another. This is what `trust.conformal` promises.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from whenabouts.metrics.bootstrap import Interval, intervals_of_means

__all__ = ["coverage", "coverage_by_length"]


def coverage(
    covered: ArrayLike, videos: Sequence[object], *, confidence: float = 0.95, rounds: int = 2000, seed: int = 0
) -> Interval:
    """The coverage of queries, (N,) whether each is covered, and its percentile bootstrap interval over videos.

    Raises ValueError when lengths differ or are zero.

    >>> coverage([True, True, False, True], ["a", "a", "a", "b"]).mean.__round__(3)
    0.833
    """
    held = np.asarray(covered, np.float64)
    if held.shape != (len(videos),) or not len(held):
        raise ValueError(f"{held.shape} answers need as many videos, got {len(videos)}")
    names, number = np.unique(np.array([str(video) for video in videos]), return_inverse=True)
    shares = np.bincount(number, weights=held) / np.bincount(number)
    rows = {"coverage": shares}
    return intervals_of_means(rows, list(names), confidence=confidence, rounds=rounds, seed=seed)["coverage"]


def coverage_by_length(
    covered: ArrayLike, videos: Sequence[object], durations: ArrayLike, *, bins: int = 3, seed: int = 0
) -> dict[tuple[float, float], Interval]:
    """`coverage` of as many videos as possible alike in each bin, by the (shortest, longest) duration in it.

    durations: (N,) seconds of the video of each query
    """
    held, seconds = np.asarray(covered, bool), np.asarray(durations, np.float64)
    first = np.unique(np.array([str(video) for video in videos]), return_index=True)[1]
    bounds = np.unique(np.quantile(seconds[first], np.arange(1, bins) / bins, method="inverted_cdf"))
    bin_of = np.searchsorted(bounds, seconds, "left")
    found = {}
    for each in np.unique(bin_of):
        inside = np.flatnonzero(bin_of == each)
        span = float(seconds[inside].min()), float(seconds[inside].max())
        found[span] = coverage(held[inside], [videos[int(i)] for i in inside], seed=seed)
    return found
