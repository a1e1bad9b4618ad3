"""The commonest windows of training, whatever is asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.density import peaks
from whenabouts.evaluation.blind.prior_mode import PriorMode
from whenabouts.evaluation.blind.shares import in_seconds, shares

__all__ = ["FrequentWindows"]


class FrequentWindows(Baseline):
    """The most frequent windows of training, with ends rounded to twentieths of the video."""

    name = "frequent windows"
    parts = 20

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most ten windows for every video of known duration."""
        bins = np.round(np.clip(shares(train).windows, 0.0, 1.0) * self.parts)
        if not (bins[:, 0] < bins[:, 1]).any():  # every window is shorter than what is told apart
            return PriorMode().answers(train, examples)
        windows, often = np.unique(bins[bins[:, 0] < bins[:, 1]], axis=0, return_counts=True)
        return in_seconds(examples, peaks(windows / self.parts, often.astype(np.float64)))
