"""Is one system better than another on the same queries? Differences with intervals and tests that resample videos.

A figure is the mean over some queries of what each adds to it, for each of two systems: (Q,) values, NaN where a query
does not count, such as outside a bucket. Queries on one video succeed and fail together, so videos are resampled, not
queries: the interval by a bootstrap, widened as few videos need it, and p by swapping the systems' answers video by
video, which is exact however the queries of a video depend on each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.metrics.bootstrap import Interval, tail

__all__ = ["Difference", "Pair", "holm", "paired_differences"]

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

ROUNDS = 2000  # of the bootstrap
SWAPS = 9999  # of the test; with fewer videos than `EXACT` there are fewer swaps, and all are looked at
EXACT = 13
AT_ONCE = 1 << 21  # numbers drawn at once: bounds memory for any number of videos


@dataclass(frozen=True, slots=True)
class Difference:
    """How two systems differ in a figure.

    first, second: what each has, and delta: second − first, with the bounds of their intervals
    p:             the chance of a delta at least as far from 0, if it were chance which system gave which answers
    queries, videos: how many count; `differing` queries are those to which the two add something else
    """

    first: Interval
    second: Interval
    delta: Interval
    p: float
    queries: int
    videos: int
    differing: int


def paired_differences(
    figures: Mapping[str, Pair],
    videos: Sequence[object],
    *,
    confidence: float = 0.95,
    rounds: int = ROUNDS,
    swaps: int = SWAPS,
    seed: int = 0,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> dict[str, Difference]:
    """The difference of every figure whose queries are not none; `videos` names that of each query.

    All figures are resampled alike; deterministic for a seed. Of a single video nothing follows about others: its
    intervals are all that is possible, given the `bounds` of a value. Raises ValueError where lengths differ, or a
    query counts for one system only.
    """
    names = [name for name, pair in figures.items() if _counts(name, pair, videos).any()]
    if not names:
        return {}
    number, count = _numbered(videos)
    first, second = (np.stack([figures[name][i] for name in names], axis=1) for i in (0, 1))
    sums = [_by_video(np.nan_to_num(values), number, count) for values in (first, second)]
    sizes = _by_video((~np.isnan(first)).astype(np.float64), number, count)
    resampled = [np.concatenate(rows) for rows in zip(*_bootstrap(sums, sizes, rounds, seed), strict=True)]
    p = _swapped(sums[1] - sums[0], swaps, seed)
    found = {}
    for i, name in enumerate(names):
        inside = int((sizes[:, i] > 0).sum())
        a, b = figures[name]
        means = float(np.nanmean(a)), float(np.nanmean(b))
        drawn = [rows[:, i] for rows in (*resampled, resampled[1] - resampled[0])]
        span = bounds[1] - bounds[0]
        limits = [bounds, bounds, (-span, span)]
        one, two, delta = (
            _interval(mean, rows, inside, confidence, limit)
            for mean, rows, limit in zip((*means, means[1] - means[0]), drawn, limits, strict=True)
        )
        known = ~np.isnan(a)
        differing = int((a[known] != b[known]).sum())
        found[name] = Difference(one, two, delta, float(p[i]), int(known.sum()), inside, differing)
    return found


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's correction: p of each of several tests, such that any below 0.05 comes by chance in one of 20 cases.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order.tolist()):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected


def _counts(name: str, pair: Pair, videos: Sequence[object]) -> NDArray[np.bool_]:
    first, second = (np.isnan(values) for values in pair)
    if first.shape != (len(videos),) or second.shape != first.shape or (first != second).any():
        raise ValueError(
            f"{name}: both systems need a value for the same queries, one for each of {len(videos)} videos"
        )
    return ~first


def _numbered(videos: Sequence[object]) -> tuple[NDArray[np.intp], int]:
    names, number = np.unique(np.array([str(video) for video in videos]), return_inverse=True)
    return number, len(names)


def _by_video(values: Floats, number: NDArray[np.intp], count: int) -> Floats:
    """Sums over the queries of each video: (Q, F) -> (videos, F)."""
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, number, values)
    return sums


def _bootstrap(sums: Sequence[Floats], sizes: Floats, rounds: int, seed: int) -> Iterator[list[Floats]]:
    """Means of each system on drawn videos, a block of rounds at a time: (block, F); NaN where no query was drawn."""
    chance, count = np.random.default_rng(seed), len(sizes)
    share = np.full(count, 1 / count)
    for size in _blocks(rounds, count):
        often = chance.multinomial(count, share, size=size).astype(np.float64)
        with np.errstate(invalid="ignore"):
            drawn = often @ sizes
            yield [np.asarray(often @ values / drawn, dtype=np.float64) for values in sums]


def _interval(mean: float, drawn: Floats, videos: int, confidence: float, limits: tuple[float, float]) -> Interval:
    if videos < 2:
        return Interval(mean, *limits)
    share = tail(videos, confidence)
    low, high = np.nanquantile(drawn, [share, 1 - share])
    return Interval(mean, min(float(low), mean), max(float(high), mean))


def _swapped(differences: Floats, swaps: int, seed: int) -> Floats:
    """The p of each column of differences (videos, F), by swapping the two systems' answers on whole videos."""
    moving = differences[np.any(differences != 0, axis=1)]
    observed = np.abs(moving.sum(axis=0)) - 1e-9
    if len(moving) < EXACT:
        ways = np.arange(1 << len(moving))[:, None] >> np.arange(len(moving)) & 1
        every = np.abs((1.0 - 2.0 * ways) @ moving) >= observed
        return np.asarray(every.mean(axis=0), dtype=np.float64)
    chance, beyond = np.random.default_rng([seed, 1]), np.zeros(moving.shape[1])
    for size in _blocks(swaps, len(moving)):
        signs = chance.integers(0, 2, size=(size, len(moving)), dtype=np.int8) * 2.0 - 1.0
        beyond += (np.abs(signs @ moving) >= observed).sum(axis=0)
    return np.asarray((1 + beyond) / (1 + swaps), dtype=np.float64)


def _blocks(rounds: int, width: int) -> Iterator[int]:
    size: Any = max(1, AT_ONCE // max(1, width))
    for start in range(0, rounds, size):
        yield min(size, rounds - start)
