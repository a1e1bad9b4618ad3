"""Kinds of queries, told by the annotations alone: what scores are parted by, alike wherever they are.

Each has a mask (Q,) of the queries by the name of a part; a query whose value is not known is in none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.report import LENGTHS

__all__ = ["Parts", "between", "by_length", "by_moments", "by_place", "by_words"]

Parts = dict[str, NDArray[np.bool_]]
THIRDS = ("the first third", "the middle", "the last third")
WORDS = (5, 10, 15)
MOMENTS = (1, 2, 3)
WORD = re.compile(r"[\w']+")


def by_length(examples: Sequence[Example]) -> Parts:
    """By the mean length of the true moments."""
    spans = (e.windows[:, 1] - e.windows[:, 0] for e in examples)
    return between((span.mean() if len(span) else np.nan for span in spans), [b for b in LENGTHS if b], "s")


def by_place(examples: Sequence[Example]) -> Parts:
    """By the third of the video in which the middle of the longest true moment lies."""
    third = np.array([np.nan if (at := _middle(e)) is None else min(2, max(0, int(3 * at))) for e in examples])
    return {name: third == number for number, name in enumerate(THIRDS)}


def by_words(examples: Sequence[Example]) -> Parts:
    """By the number of words of the query."""
    return between((len(WORD.findall(e.query)) for e in examples), WORDS, "words")


def by_moments(examples: Sequence[Example]) -> Parts:
    """By the number of true moments."""
    return between((len(e.windows) for e in examples), MOMENTS, "moments")


def between(values: Iterable[float], bounds: Sequence[float], unit: str) -> Parts:
    """Parts of values above one bound and up to the next; none for NaN."""
    found = np.fromiter(values, np.float64)
    parts: Parts = {}
    for low, high in pairwise([-np.inf, *bounds, np.inf]):
        name = f"over {low:g} {unit}" if high == np.inf else f"up to {high:g} {unit}"
        name = f"{low:g} to {high:g} {unit}" if np.isfinite(low) and np.isfinite(high) else name
        parts[name] = (found > low) & (found <= high)
    return parts


def _middle(e: Example) -> float | None:
    """In shares of the video."""
    if not e.duration or not len(e.windows):
        return None
    return float(e.windows[int(np.argmax(e.windows[:, 1] - e.windows[:, 0]))].mean()) / e.duration
