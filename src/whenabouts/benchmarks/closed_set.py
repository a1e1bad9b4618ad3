"""Closed sets: every class of a benchmark is a query on every video, also on those that do not show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.errors import InputError

__all__ = ["class_names", "whole_videos", "with_absent"]


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
            Example(f"{video}/{name}", video, name, np.zeros((0, 2)), some.duration, fps=some.fps, where=some.where)
            for name in absent
        ]
    return [*examples, *added]


def whole_videos(
    examples: Sequence[Example], video: Mapping[str, Float], *, seconds: float | None = None
) -> list[FeatureExample]:
    """One example per video with all its windows, which `labels` names, and without words.

    For heads that learn all classes at once. Videos of unknown length are left out, unless `seconds` says how long a
    row is. Raises InputError naming the first that has no features; KeyErrors of the mapping say where.
    """
    grouped: dict[str, list[Example]] = {}
    for e in examples:
        if e.duration is not None or seconds is not None:
            grouped.setdefault(e.video, []).append(e)
    found = []
    for name, several in grouped.items():
        first = several[0]
        try:
            rows = video[name]
        except KeyError as error:
            missing = f"no features of {error.args[0]} found ({first.where}); make them with `whenabouts features`"
            raise InputError(missing) from error
        labels = tuple(e.query for e in several for _ in e.windows)
        windows = np.concatenate([e.windows.reshape(-1, 2) for e in several])
        duration = first.duration if first.duration is not None else len(rows) * (seconds or 0.0)
        whole = Example(name, name, "", windows, duration, fps=first.fps, where=first.where)
        found.append(FeatureExample(whole, rows, np.zeros((1, 0), np.float32), labels=labels))
    return found
