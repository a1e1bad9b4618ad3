"""Where moments are densest in training, whatever is asked."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.density import modes
from whenabouts.evaluation.blind.shares import in_seconds, shares

__all__ = ["PriorMode"]


class PriorMode(Baseline):
    """The densest windows of training, whatever is asked."""

    name = "prior mode"

    def answers(self, train: Sequence[Example], examples: Sequence[Example]) -> Answers:
        """At most ten windows for every video of known duration."""
        return in_seconds(examples, modes(shares(train).windows))
