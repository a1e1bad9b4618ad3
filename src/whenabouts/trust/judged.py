"""When an answer is right, for probes that compare answers to changed videos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.moment import tiou
from whenabouts.prediction import Prediction
from whenabouts.trust.flaws.answers import answered, answers_to
from whenabouts.trust.probe import Case
from whenabouts.video import Video

__all__ = ["RIGHT", "ask_one", "best_window", "chosen_cases", "mean", "overlap", "reference"]

RIGHT = 0.5  # tIoU from which a window is right, as R1@0.5 has it

Windows = NDArray[np.float64]


def ask_one(grounder: Grounder, video: Video, query: str) -> Prediction:
    """The answer to one query. Raises VideoError, ModelError."""
    return answers_to(grounder, [Case(video, query)])[0]


def best_window(answer: Prediction) -> Windows:
    """(1, 2) the best moment in seconds; (0, 2) where there is none, or the answer says that there is none."""
    if answer.best is None or not answered(answer):
        return np.zeros((0, 2))
    return np.array([[answer.best.start, answer.best.end]])


def overlap(given: Windows, truth: Windows) -> float:
    """The tIoU of a window (1, 2) with the true one that fits best; that of no window is 1 where nothing is true."""
    if not len(given) or not len(truth):
        return float(len(given) == len(truth))
    return float(tiou(given, truth).max())


def reference(case: Case, answer: Prediction) -> Windows:
    """(M, 2) the true windows; where nobody knows them, what was answered on the video as it is."""
    return best_window(answer) if case.truth is None else case.truth[case.truth[:, 1] > case.truth[:, 0]]


def chosen_cases(cases: Sequence[Case], most: int, seed: int) -> tuple[list[Case], tuple[str, ...]]:
    """At most so many cases, in their order, chosen by seed; and a note where there are more."""
    if len(cases) <= most:
        return list(cases), ()
    kept = np.sort(np.random.default_rng(seed).permutation(len(cases))[:most])
    return [cases[number] for number in kept], (f"{most} of {len(cases)} queries were chosen at random",)


def mean(values: Sequence[float]) -> float:
    """Their mean, NaN of none."""
    return float(np.mean(values)) if len(values) else float("nan")
