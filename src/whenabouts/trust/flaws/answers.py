"""Answers to cases, and what probes compare of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import Grounder, ask
from whenabouts.moment import tiou
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress
from whenabouts.trust.probe import Case
from whenabouts.video import Video

__all__ = ["answered", "answers_to", "overlap", "relative", "same", "sureness", "videos_of"]

SAME_TIOU = 0.9  # from here on two windows are the same
SAME_SURENESS = 0.05  # up to here two answers are equally sure, of 1 or of the larger score


def answers_to(
    grounder: Grounder,
    cases: Sequence[Case],
    *,
    change: Callable[[Video], Video] | None = None,
    progress: Progress | None = None,
    activity: str = "asking queries",
) -> list[Prediction]:
    """One answer per case, each video asked once with all its queries; `change` makes the video that is shown.

    Raises VideoError, ModelError.
    """
    found: dict[int, Prediction] = {}
    groups: dict[int, list[int]] = {}
    for number, case in enumerate(cases):
        groups.setdefault(id(case.video), []).append(number)
    for done, numbers in enumerate(groups.values(), 1):
        video = cases[numbers[0]].video
        queries = [cases[number].query for number in numbers]
        given = ask(grounder, video if change is None else change(video), queries)
        if len(given) != len(queries):
            raise ModelError(f"the model gave {len(given)} answers to {len(queries)} queries")
        found |= dict(zip(numbers, given, strict=True))
        if progress:
            progress(activity, done / len(groups))
    return [found[number] for number in range(len(cases))]


def videos_of(cases: Sequence[Case]) -> list[int]:
    """Which video each case is of, as a number."""
    return [id(case.video) for case in cases]


def answered(answer: Prediction) -> bool:
    """Whether it says that the query happens, and where."""
    return answer.best is not None and not answer.absent


def sureness(answer: Prediction) -> float:
    """How sure an answer is that the query happens: its presence, else its best score; 0 of no answer at all."""
    if answer.presence is not None:
        return answer.presence
    return answer.best.score if answer.best else 0.0


def overlap(answer: Prediction, truth: NDArray[np.float64]) -> float:
    """The tIoU of the best moment with the true window that fits best; 0 where one of them is missing."""
    if answer.best is None or not len(truth):
        return 0.0
    return float(tiou([answer.best.start, answer.best.end], truth).max())


def relative(answer: Prediction) -> NDArray[np.float64]:
    """(1, 2) the best moment in shares of the video; (0, 2) of no answer."""
    if answer.best is None:
        return np.zeros((0, 2))
    return np.array([[answer.best.start, answer.best.end]]) / answer.duration


def same(one: Prediction, other: Prediction) -> bool:
    """Whether two answers say the same: the same best moment, in shares of the video, as surely."""
    a, b = sureness(one), sureness(other)
    if abs(a - b) > SAME_SURENESS * max(1.0, abs(a), abs(b)):
        return False
    if one.best is None or other.best is None:
        return one.best is other.best
    return float(tiou(relative(one), relative(other))[0, 0]) >= SAME_TIOU
