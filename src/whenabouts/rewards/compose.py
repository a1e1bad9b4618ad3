"""Several rewards as one: weighted terms, with weights that may change over the course of training.

>>> from whenabouts.rewards.format import strict_format
>>> from whenabouts.rewards.tiou import tiou
>>> reward = Composition((Term("tiou", tiou), Term("format", strict_format, linear(1.0, 0.5))))
>>> target = Target(((0.0, 10.0),), 60.0)
>>> reward("<think></think><answer>0 to 10</answer>", target)
2.0
>>> reward.parts("<think></think><answer>0 to 10</answer>", target, progress=1.0)
{'tiou': 1.0, 'format': 0.5}
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from whenabouts.errors import InputError
from whenabouts.rewards.target import Reward, Target

__all__ = ["Composition", "Schedule", "Term", "linear", "switch"]

Schedule = Callable[[float], float]  # progress of training in [0, 1] -> weight


def linear(first: float, last: float, *, start: float = 0.0, end: float = 1.0) -> Schedule:
    """From `first` to `last` in a straight line between the progress `start` and `end`; flat outside. InputError."""
    if not 0 <= start < end <= 1:
        raise InputError(f"a linear schedule needs 0 <= start < end <= 1, not start={start}, end={end}")
    return lambda progress: first + (last - first) * min(1.0, max(0.0, (progress - start) / (end - start)))


def switch(before: float, after: float, *, at: float) -> Schedule:
    """`before` until the progress `at`, `after` from then on."""
    return lambda progress: before if progress < at else after


@dataclass(frozen=True)
class Term:
    """A reward with a name for logs and a weight: a number, or a schedule of it."""

    name: str
    reward: Reward
    weight: float | Schedule = 1.0

    def weight_at(self, progress: float) -> float:
        """The weight at a progress in [0, 1]."""
        return self.weight(progress) if callable(self.weight) else self.weight

    def value(self, completion: str, target: Target, progress: float = 0.0) -> float:
        """Weight × reward; a composition inside follows the progress too. Raises InputError unless it is finite."""
        inner = self.reward
        earned = inner(completion, target, progress) if isinstance(inner, Composition) else inner(completion, target)
        value = self.weight_at(progress) * earned
        if not math.isfinite(value):
            raise InputError(
                f"{target.sample or 'a sample without a name'}: the reward {self.name} is {value} for the answer"
                f" {completion[:80]!r}; it must be a finite number"
            )
        return value


@dataclass(frozen=True)
class Composition:
    """The weighted sum of its terms; itself a reward.

    Raises InputError for two terms of one name, and for a term that is NaN or infinite, naming the sample.
    """

    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        names = [term.name for term in self.terms]
        if not names or len(set(names)) < len(names):
            raise InputError(f"a composed reward needs terms of different names, not {names}")

    def parts(self, completion: str, target: Target, progress: float = 0.0) -> dict[str, float]:
        """What each term contributes, weight included."""
        return {term.name: term.value(completion, target, progress) for term in self.terms}

    def __call__(self, completion: str, target: Target, progress: float = 0.0) -> float:
        """The sum of the parts."""
        return sum(self.parts(completion, target, progress).values())
