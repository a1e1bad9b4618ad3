"""Closed sets: every class of a benchmark is a query on every video, also on those that do not show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.benchmarks.example import Example

__all__ = ["class_names", "with_absent"]


def class_names(examples: Sequence[Example]) -> list[str]:
    """The classes of a TAL benchmark, sorted: the queries of its examples."""
    return sorted({e.query for e in examples})


def with_absent(
    examples: Sequence[Example], *, per_video: int | None = None, rng: np.random.Generator | None = None
) -> list[Example]:
    """The examples and, for each video, classes that it does not show, with no windows.

    All such classes, or `per_video` of them drawn with `rng`: a head that never saw absence calls everything present.
    """
    names = class_names(examples)
    shown: dict[str, dict[str, Example]] = {}
    for e in examples:
        shown.setdefault(e.video, {})[e.query] = e
    added = []
    for video, present in shown.items():
        absent = [name for name in names if name not in present]
        if per_video is not None:
            drawn = (rng or np.random.default_rng(0)).permutation(len(absent))[:per_video]
            absent = [absent[i] for i in sorted(drawn)]
        some = next(iter(present.values()))
        added += [
            Example(f"{video}/{name}", video, name, np.zeros((0, 2)), some.duration, where=some.where)
            for name in absent
        ]
    return [*examples, *added]
