"""Predictions whose times seem to be in another unit than seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.benchmarks.example import Example

__all__ = ["suspected_unit"]

NEARLY_ALL = 0.95  # share of the windows
MIN_DURATION = 2.0  # seconds of a video in which a window inside [0, 1] is suspicious
FAR = 2.0  # times the length of the video: no model means a window that ends there
MIN_WINDOWS = 3  # of fewer nothing is said
MIN_ROWS = 3  # whose windows are all inside [0, 1], and
MIN_SHARE = 0.02  # of all rows that they are at least; in ActivityNet it is 0.0034 of those of the truth
MANY = 200  # rows, of which some end late in their video
HARDLY_ONE = 0.98  # share of rows that do not; some predictions end after a video that is cut short
VARIED = 0.1  # of a video, by which beginnings differ
PER_CENT = 90.0, 100.0  # between which the last of many ends is
LONG = 120.0  # seconds of a video in which a window after 100 s is to be expected


def suspected_unit(answers: Mapping[Any, ArrayLike], examples: Sequence[Example]) -> str | None:
    """A sentence about windows inside [0, 1], far after the end of their video, or, of many rows, never late in it."""
    starts, ends, durations, rows = [], [], [], []
    for e in examples:
        windows = np.asarray(answers.get(e.qid, ()), dtype=np.float64)
        if e.duration is None or not windows.size:
            continue
        windows = windows.reshape(-1, windows.shape[-1])
        starts += windows[:, 0].tolist()
        ends += windows[:, 1].tolist()
        durations += [e.duration] * len(windows)
        rows.append((windows[:, 0].min(), windows[:, 1].max(), e.duration, windows[0, 0]))
    if len(starts) < MIN_WINDOWS:
        return None
    start, end, duration = np.array(starts), np.array(ends), np.array(durations)
    shares = (start >= 0) & (end <= 1) & (duration > MIN_DURATION)
    if shares.mean() >= NEARLY_ALL:
        return (
            f"nearly all predicted windows are inside [0, 1] ({shares.sum()} of {len(start)}); times must be seconds, "
            "not shares of the video"
        )
    beyond = (start >= duration) | (end > FAR * duration)
    if beyond.mean() > 0.5:
        return (
            f"most predicted windows are beyond the end of their video ({beyond.sum()} of {len(start)}); times must be "
            "seconds, not milliseconds or frames"
        )
    return _of_rows(np.array(rows))


def _of_rows(rows: NDArray[np.float64]) -> str | None:
    """Of first start, last end, duration and the start of the best window, (R, 4)."""
    start, end, duration, best = rows.T
    shares = int(((start >= 0) & (end <= 1) & (duration > MIN_DURATION)).sum())
    if shares >= max(MIN_ROWS, MIN_SHARE * len(rows)):
        return (
            f"all windows of {shares} of {len(rows)} rows are inside [0, 1]; times must be seconds, not shares of the "
            "video"
        )
    varied = bool(np.ptp(best / duration) > VARIED)  # one guess for every video may well be an early one
    late = end[duration > LONG]
    if varied and len(late) >= MANY and PER_CENT[0] < late.max() <= PER_CENT[1]:
        return (
            f"no window ends after 100 in {len(late)} rows of videos of more than {LONG:g} s; times must be seconds, "
            "not per cent"
        )
    if varied and len(rows) >= MANY and bool((end <= duration * 2 / 3).mean() > HARDLY_ONE):
        return (
            f"hardly a window of {len(rows)} rows ends in the last third of its video; times must be seconds, not "
            "numbers of clips"
        )
    return None
