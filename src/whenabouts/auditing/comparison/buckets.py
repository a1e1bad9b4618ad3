"""Where two systems differ: the same figures over parts of the queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.comparison.delta import Delta
from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.report import LENGTHS
from whenabouts.metrics.paired import Pair, holm, paired_differences

__all__ = ["PARTS", "Bucket", "buckets"]

Floats = NDArray[np.float64]
Parts = dict[str, list[Example]]
WORDS = (5, 10)
MOST = 20  # values of a field of the annotations
THIRDS = ("the first third", "the middle", "the last third")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of the queries: `by` what they are parted, the name of the part, and the difference in a figure.

    p of `delta` is corrected for all parts that are looked at, and all figures.
    """

    by: str
    name: str
    delta: Delta

    def to_dict(self) -> dict[str, Any]:
        """The part as JSON values."""
        return {"by": self.by, "name": self.name} | self.delta.to_dict()


def buckets(examples: Sequence[Example], figures: Mapping[str, Pair], *, seed: int = 0) -> tuple[Bucket, ...]:
    """The figures over every part of the queries, with p corrected for so many looks (Holm)."""
    place = {e.qid: i for i, e in enumerate(examples)}
    pairs: dict[str, Pair] = {}
    keys: dict[str, tuple[str, str, str]] = {}
    for by, part in PARTS.items():
        parts = {name: members for name, members in part(examples).items() if members}
        if len(parts) < 2:
            continue
        for name, members in parts.items():
            outside = np.ones(len(examples), dtype=bool)
            outside[[place[e.qid] for e in members]] = False
            for figure, pair in figures.items():
                key = f"{by}\n{name}\n{figure}"
                keys[key] = (by, name, figure)
                pairs[key] = (np.where(outside, np.nan, pair[0]), np.where(outside, np.nan, pair[1]))
    found = paired_differences(pairs, [e.video for e in examples], seed=seed)
    corrected = holm([difference.p for difference in found.values()])
    return tuple(
        Bucket(keys[key][0], keys[key][1], Delta(keys[key][2], difference, p))
        for (key, difference), p in zip(found.items(), corrected, strict=True)
    )


def _by_length(examples: Sequence[Example]) -> Parts:
    def length(e: Example) -> float:
        return float(np.mean(e.windows[:, 1] - e.windows[:, 0]))

    return _between([e for e in examples if len(e.windows)], length, [b for b in LENGTHS if b], "s")


def _by_position(examples: Sequence[Example]) -> Parts:
    parts: Parts = {name: [] for name in THIRDS}
    for e in examples:
        if e.duration and len(e.windows):
            parts[THIRDS[min(2, max(0, int(3 * float(e.windows.mean()) / e.duration)))]].append(e)
    return parts


def _by_duration(examples: Sequence[Example]) -> Parts:
    known = [e for e in examples if e.duration]
    thirds = np.quantile([e.duration or 0.0 for e in known], [1 / 3, 2 / 3]).round().tolist() if known else []
    return _between(known, lambda e: e.duration or 0.0, sorted(set(thirds)), "s")


def _by_words(examples: Sequence[Example]) -> Parts:
    return _between(examples, lambda e: len(re.findall(r"\w+", e.query)), WORDS, "words")


def _by_moments(examples: Sequence[Example]) -> Parts:
    return _between(examples, lambda e: len(e.windows), (1, 2), "moments")


def _between(
    examples: Sequence[Example], value: Callable[[Example], float], bounds: Sequence[float], unit: str
) -> Parts:
    """Parts of values above one bound and up to the next."""
    edges = [-np.inf, *bounds, np.inf]
    parts: Parts = {}
    for low, high in pairwise(edges):
        name = f"over {low:g} {unit}" if high == np.inf else f"up to {high:g} {unit}"
        name = f"{low:g} to {high:g} {unit}" if np.isfinite(low) and np.isfinite(high) else name
        parts[name] = [e for e in examples if low < value(e) <= high]
    return parts


def _by_field(field: str) -> Callable[[Sequence[Example]], Parts]:
    def parts(examples: Sequence[Example]) -> Parts:
        found: Parts = {}
        for e in examples:
            if (value := getattr(e, field)) is not None:
                found.setdefault(value, []).append(e)
        return found if len(found) <= MOST else {}

    return parts


PARTS: dict[str, Callable[[Sequence[Example]], Parts]] = {
    "length of the moment": _by_length,
    "place in the video": _by_position,
    "length of the video": _by_duration,
    "words of the query": _by_words,
    "number of moments": _by_moments,
    "group": _by_field("group"),
    "difficulty": _by_field("difficulty"),
}
