"""Confidence intervals by resampling videos, not queries: queries on one video succeed and fail together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from whenabouts.metrics.student import t_quantile

__all__ = ["Interval", "Resampling", "intervals_of_means", "tail"]


_IN_USE: WeakValueDictionary[tuple[int, int, int], NDArray[np.float64]] = WeakValueDictionary()


class Interval(NamedTuple):
    """A mean and the bounds that hold it with the given confidence."""

    mean: float
    low: float
    high: float


class Resampling:
    """Videos drawn with replacement, `rounds` times: every interval that is asked for is over the same draws.

    `videos` names the video of each of Q values. Deterministic for a seed. Memory: 8 bytes for each video and round.
    Raises ValueError without videos.
    """

    def __init__(self, videos: Sequence[object], *, rounds: int = 2000, seed: int = 0) -> None:
        if not len(videos):
            raise ValueError("an interval needs at least one video")
        _, self._number = np.unique(np.array([str(video) for video in videos]), return_inverse=True)
        counts = np.bincount(self._number)
        self._often = _drawn(len(counts), rounds, seed)
        self._all = self._often @ counts

    def mean(
        self,
        values: NDArray[Any],
        among: NDArray[np.bool_] | None = None,
        *,
        confidence: float = 0.95,
        bounds: tuple[float, float] | None = None,
    ) -> Interval:
        """The mean of values (Q,), perhaps only `among` some of them (Q,), with an interval fit for few videos too.

        Draws without any of those are passed over. Of a single video nothing follows about others: the interval is all
        that is possible, given the `bounds` of a value, or the mean alone without them. Raises ValueError for another
        number of values, or none among them.
        """
        row = np.asarray(values, dtype=np.float64)
        if len(row) != len(self._number) or (among is not None and not among.any()):
            raise ValueError(f"{len(row)} values need as many videos, got {len(self._number)}")
        drawn = self._all if among is None else self._often @ np.bincount(self._number, weights=among)
        sums = self._often @ np.bincount(self._number, weights=row if among is None else np.where(among, row, 0.0))
        mean = float(row.mean() if among is None else row[among].mean())
        videos = len(np.unique(self._number if among is None else self._number[among]))
        if videos < 2:
            return Interval(mean, *(bounds or (mean, mean)))
        share = tail(videos, confidence)
        low, high = np.quantile((sums[drawn > 0]) / drawn[drawn > 0], [share, 1 - share])
        return Interval(mean, min(float(low), mean), max(float(high), mean))

    def median(self, values: NDArray[Any], among: NDArray[np.bool_], *, confidence: float = 0.95) -> Interval:
        """The median of values (Q,) among some of them (Q,): between the values at the bounds of the share below it.

        That is Woodruff's interval (JASA 47, 1952). Raises ValueError as `mean` does.
        """
        row = np.asarray(values, dtype=np.float64)
        middle = float(np.median(row[among])) if among.any() else 0.0
        below = self.mean((row < middle) + (row == middle) / 2, among, confidence=confidence, bounds=(0.0, 1.0))
        shares = np.clip(np.array([below.low, below.high]) - below.mean + 0.5, 0.0, 1.0)
        low, high = np.quantile(row[among], shares)
        return Interval(middle, float(low), float(high))


def tail(videos: int, confidence: float) -> float:
    """The share of a bootstrap's means to leave out at either end, for the interval to hold with few videos too.

    A percentile interval is too narrow by √(n / (n − 1)) and knows no Student's t; this is Hesterberg's expanded
    percentile (arXiv:1411.5279).
    """
    t = t_quantile((1 + confidence) / 2, videos - 1)
    return NormalDist().cdf(-t * float(np.sqrt(videos / (videos - 1))))


def _drawn(videos: int, rounds: int, seed: int) -> NDArray[np.float64]:
    """How often each video appears in each round: (rounds, videos). Draws that are still in use are not made again."""
    key = (videos, rounds, seed)
    if (found := _IN_USE.get(key)) is None:
        # drawing videos with replacement is drawing how often each appears
        often = np.random.default_rng(seed).multinomial(videos, np.full(videos, 1 / videos), size=rounds)
        found = _IN_USE[key] = often.astype(np.float64)
        found.flags.writeable = False
    return found


def intervals_of_means(
    values: Mapping[str, NDArray[np.floating[Any]]],
    videos: Sequence[object],
    *,
    confidence: float = 0.95,
    rounds: int = 2000,
    seed: int = 0,
    bounds: tuple[float, float] | None = None,
) -> dict[str, Interval]:
    """The means of values (Q,), by name, with bootstrap intervals over videos; `videos` names each query's.

    All are resampled alike; `bounds` of a value are those of the interval where there is but one video. Deterministic
    for a seed. Raises ValueError when lengths differ or are zero.
    """
    for row in values.values():
        if len(row) != len(videos) or not len(row):
            raise ValueError(f"{len(row)} values need as many videos, got {len(videos)}")
    drawn = Resampling(videos, rounds=rounds, seed=seed)
    return {name: drawn.mean(row, confidence=confidence, bounds=bounds) for name, row in values.items()}
