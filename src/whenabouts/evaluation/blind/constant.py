"""A constant window, in shares of the video's length, chosen on a training split.

It beats published blind baselines on Charades-STA and ActivityNet Captions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.shares import GRID, best_overlaps, in_seconds, shares

__all__ = ["WHOLE_VIDEO", "Constant", "WholeVideo", "best_constant", "constant_answers"]

WHOLE_VIDEO = (0.0, 1.0)


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
    known = shares(train)
    total = known.fits.get(threshold)
    if total is None:
        total = sum(((best > threshold).sum(axis=0) for _, best in best_overlaps(known)), np.zeros(len(GRID)))
    low, high = GRID[int(np.argmax(total))]
    return round(float(low), 2), round(float(high), 2)


def constant_answers(examples: Sequence[Example], window: tuple[float, float]) -> dict[str | int, NDArray[np.float64]]:
    """The same share of every video whose duration is known, as a (1, 2) window in seconds by qid."""
    return in_seconds(examples, np.array([window]))
