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

__all__ = [
    "answered",
    "answers_to",
    "ask_one",
    "best",
    "best_window",
    "checked",
    "mean",
    "overlap",
    "own_and_others",
    "reference",
    "relative",
    "same",
    "sureness",
    "videos_of",
]

SAME_TIOU = 0.9  # from here on two windows are the same
SAME_SURENESS = 0.05  # up to here two answers are equally sure, of 1 or of the larger score

Windows = NDArray[np.float64]


def answers_to(
    grounder: Grounder,
    cases: Sequence[Case],
    *,
    change: Callable[[Video], Video] | None = None,
    progress: Progress | None = None,
    activity: str = "asking queries",
) -> list[Prediction]:
    """One answer per case, each video asked once with all its queries; `change` makes the video that is shown.

    Videos and views that show the same, by their hash, are one. Raises VideoError, ModelError.
    """
    found: dict[int, Prediction] = {}
    groups: dict[str, list[int]] = {}
    for number, case in enumerate(cases):
        groups.setdefault(case.video.sha256, []).append(number)
    for done, numbers in enumerate(groups.values(), 1):
        video = cases[numbers[0]].video
        queries = list(dict.fromkeys(cases[number].query for number in numbers))
        given = checked(ask(grounder, video if change is None else change(video), queries))
        by_query = dict(zip(queries, given, strict=True))
        found |= {number: by_query[cases[number].query] for number in numbers}
        if progress:
            progress(activity, done / len(groups))
    return [found[number] for number in range(len(cases))]


def checked(given: list[Prediction]) -> list[Prediction]:
    """The answers, if their numbers can be. Raises ModelError."""
    for answer in given:
        if answer.presence is not None and not 0 <= answer.presence <= 1:
            raise ModelError(f"the model gave a presence of {answer.presence:g}, which is no probability")
        if any(moment.start >= answer.duration for moment in answer.moments):
            raise ModelError("the model gave a moment that begins after the end of the video")
    return given


def ask_one(grounder: Grounder, video: Video, query: str) -> Prediction:
    """The answer to one query. Raises VideoError, ModelError."""
    return answers_to(grounder, [Case(video, query)])[0]


def videos_of(cases: Sequence[Case]) -> list[str]:
    """Which video each case is of."""
    return [case.video.sha256 for case in cases]


def answered(answer: Prediction) -> bool:
    """Whether it says that the query happens, and where."""
    return answer.best is not None and not answer.absent


def sureness(answer: Prediction) -> float:
    """How sure an answer is that the query happens: its presence, else its best score; 0 of no answer at all."""
    if answer.presence is not None:
        return answer.presence
    return answer.best.score if answer.best else 0.0


def best(answer: Prediction) -> Windows:
    """(1, 2) the best moment in seconds, also of an answer that doubts it; (0, 2) of none."""
    return np.zeros((0, 2)) if answer.best is None else np.array([[answer.best.start, answer.best.end]])


def best_window(answer: Prediction) -> Windows:
    """(1, 2) the best moment in seconds; (0, 2) where there is none, or the answer says that there is none."""
    return best(answer) if answered(answer) else np.zeros((0, 2))


def relative(answer: Prediction) -> Windows:
    """`best`, in shares of the video."""
    return best(answer) / answer.duration


def overlap(given: Windows, truth: Windows) -> float:
    """The tIoU of a window (1, 2) with the true one that fits best; that of no window is 1 where nothing is true."""
    if not len(given) or not len(truth):
        return float(len(given) == len(truth))
    return float(tiou(given, truth).max())


def reference(case: Case, answer: Prediction) -> Windows:
    """(M, 2) the true windows; where nobody knows them, what was answered on the video as it is."""
    return best_window(answer) if case.truth is None else case.truth[case.truth[:, 1] > case.truth[:, 0]]


def own_and_others(pairs: Sequence[tuple[Prediction, Windows]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(Q,) tIoU of each answer with its own truth, and its mean with all other truths, moved in shares of the video.

    pairs: answers that have a moment, with their true windows, two pairs at least
    """
    windows = np.concatenate([relative(answer) for answer, _ in pairs])
    table = np.stack([tiou(windows, truth / answer.duration).max(axis=1) for answer, truth in pairs], axis=1)
    own = np.diag(table)
    return own, (table.sum(axis=1) - own) / (len(pairs) - 1)


def same(one: Prediction, other: Prediction) -> bool:
    """Whether two answers say the same: the same best moment, in shares of the video, as surely."""
    a, b = sureness(one), sureness(other)
    if abs(a - b) > SAME_SURENESS * max(1.0, abs(a), abs(b)):
        return False
    if one.best is None or other.best is None:
        return one.best is other.best
    return overlap(relative(one), relative(other)) >= SAME_TIOU


def mean(values: Sequence[float]) -> float:
    """Their mean, NaN of none."""
    return float(np.mean(values)) if len(values) else float("nan")
