"""Where two systems differ: the same figures over parts of the queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whenabouts.auditing.comparison.delta import Delta
from whenabouts.auditing.kinds import Parts, between, by_length, by_moments, by_place, by_words
from whenabouts.benchmarks.example import Example
from whenabouts.metrics.paired import Pair, holm, paired_differences

__all__ = ["PARTS", "Bucket", "buckets"]

MOST = 20  # values of a field of the annotations


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
    pairs: dict[str, Pair] = {}
    keys: dict[str, tuple[str, str, str]] = {}
    for by, part in PARTS.items():
        parts = {name: inside for name, inside in part(examples).items() if inside.any()}
        if len(parts) < 2:
            continue
        for name, inside in parts.items():
            for figure, pair in figures.items():
                key = f"{by}\n{name}\n{figure}"
                keys[key] = (by, name, figure)
                pairs[key] = (np.where(inside, pair[0], np.nan), np.where(inside, pair[1], np.nan))
    found = paired_differences(pairs, [e.video for e in examples], seed=seed)
    corrected = holm([difference.p for difference in found.values()])
    return tuple(
        Bucket(keys[key][0], keys[key][1], Delta(keys[key][2], difference, p))
        for (key, difference), p in zip(found.items(), corrected, strict=True)
    )


def _by_duration(examples: Sequence[Example]) -> Parts:
    known = [e.duration for e in examples if e.duration]
    thirds = np.quantile(known, [1 / 3, 2 / 3]).round().tolist() if known else []
    return between((e.duration or np.nan for e in examples), sorted(set(thirds)), "s")


def _by_field(field: str) -> Callable[[Sequence[Example]], Parts]:
    def parts(examples: Sequence[Example]) -> Parts:
        values = [getattr(e, field) for e in examples]
        names = dict.fromkeys(value for value in values if value is not None)
        if len(names) > MOST:
            return {}
        return {name: np.array([value == name for value in values], bool) for name in names}

    return parts


PARTS: dict[str, Callable[[Sequence[Example]], Parts]] = {
    "length of the moment": by_length,
    "place in the video": by_place,
    "length of the video": _by_duration,
    "words of the query": by_words,
    "number of moments": by_moments,
    "group": _by_field("group"),
    "difficulty": _by_field("difficulty"),
}
