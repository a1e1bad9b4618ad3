"""Submissions that can be scored, but are hardly meant as they are read: each suspicion with how many rows it is of."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.units import suspected_unit

__all__ = ["longer", "unsorted", "warn_of_outside", "warn_of_suspicions", "warn_of_unsorted"]

CLIP = 2.0  # seconds of a rated clip
MISS = [-1.0, -1.0]  # what official code writes for no answer
NEARLY = 2  # clips that official features may be short of, or longer
Row = Mapping[str, Any]


def warn_of_suspicions(rows: Sequence[Row], examples: Sequence[Example]) -> None:
    """Warn of windows in another unit or order, and of saliency that is not one value per clip of two seconds."""
    windows = {row["qid"]: row["pred_relevant_windows"] for row in rows if row.get("pred_relevant_windows")}
    try:
        unit = suspected_unit(windows, examples)
    except (TypeError, ValueError, IndexError, OverflowError):  # no windows; refused later, in better words
        return
    if unit:
        warnings.warn(unit, stacklevel=3)
    warn_of_unsorted(sum(map(unsorted, windows.values())))
    with suppress(TypeError, ValueError, IndexError, KeyError):  # refused later, in better words
        warn_of_outside(windows, examples, sum(map(longer, windows.values())))
    _warn_of_clips(rows, {e.qid: e.duration for e in examples})


def unsorted(windows: Any) -> bool:
    """Whether scores, where windows have some, say that another window is better than the first."""
    scores = [w[2] for w in windows if isinstance(w, Sequence) and len(w) > 2 and isinstance(w[2], int | float)]
    return len(scores) == len(windows) > 1 and max(scores) > scores[0]


def warn_of_unsorted(count: int) -> None:
    """Say of how many rows the first window is not the best."""
    if count:
        one = (
            "1 row has a window with a better score than its first; the order of the file is the rank, so sort by score"
        )
        many = (
            f"{count} rows have a window with a better score than their first; the order of the file is the rank, so "
            "sort by score"
        )
        warnings.warn(one if count == 1 else many, stacklevel=3)


def longer(windows: Any) -> int:
    """How many windows have more numbers than a start, an end and a score."""
    return sum(isinstance(window, Sequence) and len(window) > 3 for window in windows)


def warn_of_outside(windows: Mapping[Any, Any], examples: Sequence[Example], long: int) -> None:
    """Say how many windows begin where there is no video, and that `long` are not read whole. All are scored."""
    if suspected_unit(windows, examples):  # which is told, and explains them
        return
    durations = {e.qid: e.duration for e in examples}
    known = [(window, durations[qid]) for qid, found in windows.items() if qid in durations for window in found]
    before = sum(window[0] < 0 and list(window[:2]) != MISS for window, _ in known)
    after = sum(duration is not None and window[0] > duration for window, duration in known)
    for count, what in (
        (before, "begin before 0"),
        (after, "begin after the end of their video"),
        (long, "have more numbers than a start, an end and a score, and the rest is not read"),
    ):
        if count:
            warnings.warn(f"{count} of {len(known)} predicted windows {what}", stacklevel=3)


def _warn_of_clips(rows: Sequence[Row], durations: Mapping[Any, float | None]) -> None:
    given = [row for row in rows if row.get("pred_saliency_scores")]
    known = [(np.size(row["pred_saliency_scores"]), durations.get(row["qid"])) for row in given]
    clips = [(count, duration / CLIP) for count, duration in known if duration is not None]
    few, many = (sum(sign * (count - wanted) > NEARLY for count, wanted in clips) for sign in (-1, 1))
    if few:
        warnings.warn(
            f"fewer saliency values than clips of 2 s in {few} of {len(clips)} rows; the missing ones count as 0",
            stacklevel=4,
        )
    if many:
        warnings.warn(
            f"more saliency values than clips of 2 s in {many} of {len(clips)} rows; those beyond the last clip are "
            "cut off, so give one value per clip",
            stacklevel=4,
        )
