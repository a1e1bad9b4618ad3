"""Annotations as shares of their videos, and shares with bounds: what several biases are measured on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.statistics import same_query
from whenabouts.metrics.bootstrap import Interval
from whenabouts.query import language_of

__all__ = ["FEWEST", "english", "first_windows", "folds", "last_end", "percent", "scaled", "share", "span"]

FEWEST = 30  # queries, below which a bias is not judged; ours
Z = 1.959963984540054
LOOKED_AT = 200  # queries whose language is told


def scaled(examples: Sequence[Example], common: float | None = None) -> list[Example]:
    """Examples with windows, cut to their videos, and with a duration; `common` is that of all videos, if there is one.

    Videos without one are passed over, and so are windows that are not finite or do not last.
    """
    kept = []
    for e in examples:
        length = common or e.duration
        if not length or not 0 < length < np.inf or not len(e.windows):
            continue
        windows = np.minimum(np.maximum(e.windows, 0.0), length)
        lasting = windows[:, 1] > windows[:, 0]
        if not lasting.all():
            windows = windows[lasting]
        if len(windows):
            kept.append(Example(e.qid, e.video, e.query, windows, float(length), saliency=e.saliency))
    return kept


def last_end(examples: Iterable[Example]) -> float | None:
    """The last end that is annotated, in seconds; None where none is."""
    ends = (float(e.windows[:, 1].max()) for e in examples if len(e.windows))
    return max((end for end in ends if math.isfinite(end)), default=None)


def first_windows(examples: Iterable[Example]) -> tuple[list[Example], NDArray[np.float64]]:
    """Examples of `scaled`, each question once, with their first windows (Q, 2) in shares of the video."""
    once = list({same_query(e): e for e in reversed(list(examples))}.values())[::-1]
    rows = [e.windows[0] / e.duration for e in once if e.duration]
    return once, np.array(rows, dtype=np.float64).reshape(-1, 2)


def folds(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Two halves that share no video, every second video in the order of the file."""
    number = {video: i for i, video in enumerate(dict.fromkeys(e.video for e in examples))}
    return [e for e in examples if number[e.video] % 2], [e for e in examples if not number[e.video] % 2]


def share(values: ArrayLike, examples: Sequence[Example]) -> Interval:
    """The share of queries for which something holds, with Wilson's bounds of 95 %.

    Queries on one video are as many as their spread over videos makes them worth, at most as many as they are.

    >>> from whenabouts.benchmarks.example import NO_WINDOWS
    >>> share([True] * 12, [Example(n, f"{n}", "", NO_WINDOWS) for n in range(12)])
    Interval(mean=1.0, low=0.757..., high=1.0)
    """
    row = np.asarray(values, np.float64)
    if not len(row):
        return Interval(np.nan, 0.0, 1.0)
    p, n = float(row.mean()), float(len(row))
    numbers: dict[str, int] = {}
    of = np.array([numbers.setdefault(e.video, len(numbers)) for e in examples])
    together = float((np.bincount(of, row - p) ** 2).sum())
    n /= max(1.0, together / (n * p * (1 - p))) if 0 < p < 1 else 1.0
    centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return Interval(p, max(0.0, centre - half), min(1.0, centre + half))


def percent(bounds: Interval) -> str:
    """A share with its bounds, in words.

    >>> percent(Interval(0.5, 0.4, 0.6))
    '50.0 % (95 % CI 40.0 to 60.0)'
    """
    return f"{100 * bounds.mean:.1f} % (95 % CI {100 * bounds.low:.1f} to {100 * bounds.high:.1f})"


def span(window: Sequence[float]) -> str:
    """A part of a video, as percentages.

    >>> span((0.0, 0.3))
    '0 to 30 %'
    """
    return f"{100 * window[0]:.0f} to {100 * window[1]:.0f} %"


def english(examples: Sequence[Example]) -> bool:
    """Whether the queries are in English, or too short to tell."""
    step = max(1, len(examples) // LOOKED_AT)
    told = [language_of(e.query) for e in examples[::step]]
    return sum(code not in {"en", None} for code in told) * 2 < max(1, len(told))
