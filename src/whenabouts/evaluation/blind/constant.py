"""A constant window, in shares of the video's length, chosen on a training split.

It beats published blind baselines on Charades-STA and ActivityNet Captions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.shares import GRID, best_overlaps, in_seconds, shares

__all__ = ["WHOLE_VIDEO", "Constant", "WholeVideo", "best_constant", "constant_answers"]

WHOLE_VIDEO = (0.0, 1.0)
THRESHOLDS = (0.3, 0.5, 0.7, None)


class WholeVideo(Baseline):
    """The whole video, whatever is asked."""

    name, learns, beside = "whole video", False, True

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """One window for every video of known duration."""
        return constant_answers(examples, WHOLE_VIDEO)


class Constant(Baseline):
    """The share of a video that has IoU > `threshold` most often in training; without one, the highest mean IoU."""

    beside = True

    def __init__(self, threshold: float | None) -> None:
        self.threshold = threshold
        self.name = f"constant for {'mIoU' if threshold is None else f'R1@{threshold:g}'}"

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """One window for every video of known duration."""
        return constant_answers(examples, best_constant(train, self.threshold))


def best_constant(train: Sequence[Example], threshold: float | None = 0.5) -> tuple[float, float]:
    """The window, in shares of the video, that has IoU > threshold most often; without one, the highest mean IoU.

    Of several equally good windows the first in order of start, then end, counts. Queries without windows or
    duration are passed over, and of several windows the best fitting counts.
    """
    wanted = THRESHOLDS if threshold in THRESHOLDS else (threshold,)
    low, high = GRID[_best(tuple(train), wanted)[wanted.index(threshold)]]
    return float(low), float(high)


@lru_cache(maxsize=1)  # one look at a training split serves all thresholds, and is most of the work
def _best(train: tuple[Example, ...], thresholds: tuple[float | None, ...]) -> list[int]:
    """The number in GRID of the best window for each threshold."""
    totals = np.zeros((len(thresholds), len(GRID)))
    for _, best in best_overlaps(shares(train)):
        for total, threshold in zip(totals, thresholds, strict=True):
            total += best.sum(axis=0) if threshold is None else (best > threshold).sum(axis=0)
    return [int(number) for number in totals.argmax(axis=1)]


def constant_answers(examples: Sequence[Example], window: tuple[float, float]) -> dict[str | int, NDArray[np.float64]]:
    """The same share of every video whose duration is known, as a (1, 2) window in seconds by qid."""
    return in_seconds(examples, np.array([window]))
