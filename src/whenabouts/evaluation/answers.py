"""Whether an answer helps somebody who asks: the first moment that is shown holds what was asked for.

Softer than overlap thresholds, as an archivist looks a few seconds around; but a moment far longer than the truth is no
answer. This is the scoring of `bench/answers.py`.

>>> score_answer([(42.0, 45.0)], 0.8, [(44.0, 47.0)]).right
True
>>> score_answer([(0.0, 600.0)], 0.8, [(44.0, 47.0)]).right
False
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from whenabouts.prediction import ABSENT

__all__ = ["AnswerScore", "score_answer"]

Window = tuple[float, float]
MARGIN = 1.0  # seconds by which a true window is widened on either side
LONGEST_TIMES, LONGEST_PLUS = 6.0, 10.0  # a moment lasts at most 6 times its true window and 10 s


@dataclass(frozen=True, slots=True)
class AnswerScore:
    """`right`: the first answer is; `right_at_5`: one of the first five is.

    For an absent event both say that the absence was told.
    """

    right: bool
    right_at_5: bool


def score_answer(
    moments: Sequence[Window], presence: float | None, windows: Sequence[Window], every: bool = False
) -> AnswerScore:
    """Score the moments of one query, (start, end) in seconds, best first, against its true windows.

    A moment is right if it overlaps a true window widened by 1 s and is not longer than 6 times that window and 10 s.
    With `every`, each true window needs a right moment, wherever it ranks. Without windows the event is absent: right
    is no moment, or a presence below 0.3.
    """
    if not windows:
        told = not moments or (presence is not None and presence < ABSENT)
        return AnswerScore(told, told)
    if every:
        complete = all(any(_right(moment, window) for moment in moments) for window in windows)
        return AnswerScore(complete, complete)
    hits = [any(_right(moment, window) for window in windows) for moment in moments[:5]]
    return AnswerScore(bool(hits and hits[0]), any(hits))


def _right(moment: Window, window: Window) -> bool:
    overlaps = moment[0] < window[1] + MARGIN and moment[1] > window[0] - MARGIN
    return overlaps and moment[1] - moment[0] <= LONGEST_TIMES * (window[1] - window[0]) + LONGEST_PLUS
