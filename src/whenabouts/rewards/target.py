"""What an answer is held against, and how the first interval or all intervals of an answer are scored."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from whenabouts.errors import InputError
from whenabouts.rewards.parse import Window, read

__all__ = ["Measure", "Reward", "Target", "first_window", "of_set"]


@dataclass(frozen=True, slots=True)
class Target:
    """The truth about one query.

    windows:  (start, end) in seconds, 0 <= start < end; none where the query does not happen in the video.
    duration: of the video, in seconds.
    saliency: a rating per clip, where the task asks for a curve.
    sample:   a name for messages.

    Raises InputError for an impossible window or duration.
    """

    windows: tuple[Window, ...]
    duration: float
    saliency: tuple[float, ...] = ()
    sample: str = ""

    def __post_init__(self) -> None:
        name = self.sample or "the target"
        if not (math.isfinite(self.duration) and self.duration > 0):
            raise InputError(f"{name}: the duration must be a positive number of seconds, not {self.duration}")
        for start, end in self.windows:
            if not (math.isfinite(start) and math.isfinite(end) and 0 <= start < end):
                raise InputError(f"{name}: a window needs 0 <= start < end in seconds, not [{start}, {end}]")


Reward = Callable[[str, Target], float]
Measure = Callable[[Sequence[Window], Sequence[Window]], float]  # of predicted and true windows, neither empty


def first_window(
    completion: str, target: Target, score: Callable[[Window, Window], float], *, worst: float = 0.0
) -> float:
    """Score the first interval of an answer against the true one it fits best.

    worst: for an answer without an interval. Where the query does not happen, saying so is 1 and an interval `worst`,
    so that every reward that goes through here can stand on data with negative queries.
    """
    answer = read(completion, duration=target.duration)
    if not target.windows:
        return 1.0 if answer.absent else worst
    if not answer.windows:
        return worst
    return max(score(answer.windows[0], truth) for truth in target.windows)


def of_set(name: str, measure: Measure, *, worst: float = 0.0) -> Reward:
    """A reward that scores all intervals of an answer together against all true ones, with the docstring of `measure`.

    worst: for an answer without an interval, and for intervals where the query does not happen; saying so is 1 then.
    """

    def reward(completion: str, target: Target) -> float:
        answer = read(completion, duration=target.duration)
        if not target.windows:
            return 1.0 if answer.absent else worst
        return measure(answer.windows, target.windows) if answer.windows else worst

    reward.__name__, reward.__doc__ = name, measure.__doc__
    return reward
