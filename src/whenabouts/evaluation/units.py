"""Predictions whose times seem to be in another unit than seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from whenabouts.benchmarks.example import Example

__all__ = ["suspected_unit"]

NEARLY_ALL = 0.95  # share of the windows
MIN_DURATION = 2.0  # seconds of a video in which a window inside [0, 1] is suspicious
FAR = 2.0  # times the length of the video: no model means a window that ends there
MIN_WINDOWS = 3  # of fewer nothing is said


def suspected_unit(answers: Mapping[Any, ArrayLike], examples: Sequence[Example]) -> str | None:
    """A sentence where nearly all windows are inside [0, 1], or most begin or end far after the end of their video."""
    starts, ends, durations = [], [], []
    for e in examples:
        windows = np.asarray(answers.get(e.qid, ()), dtype=np.float64)
        if e.duration is None or not windows.size:
            continue
        windows = windows.reshape(-1, windows.shape[-1])
        starts += windows[:, 0].tolist()
        ends += windows[:, 1].tolist()
        durations += [e.duration] * len(windows)
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
    return None
