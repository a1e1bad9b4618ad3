"""`Presence`: which number of an answer is calibrated, and what an answer without one is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from whenabouts.errors import InputError
from whenabouts.trust.answered import Answered
from whenabouts.trust.calibration import METHODS, PresenceCalibrator, choose_method

__all__ = ["AUTO", "METHOD_NAMES", "Presence", "Read"]

AUTO = "auto"  # the method that calibrates best on other videos
METHOD_NAMES = (AUTO, *METHODS)
Read = Literal["presence", "score"]


@dataclass(frozen=True, slots=True)
class Presence:
    """P(a query happens) of an answer.

    curve:  from what is read to a probability
    read:   what is read of an answer: its presence, or the score of its best moment from grounders without presence
    silent: P(a query happens) where an answer says no such number, as one without a moment
    """

    curve: PresenceCalibrator
    read: Read
    silent: float

    @classmethod
    def fit(cls, answers: Sequence[Answered], method: str = AUTO, *, seed: int = 0) -> Presence:
        """Fit on answers; `AUTO` takes the method that does best on other videos.

        Raises InputError for a method that is unknown, and where nothing in the answers is a number that varies.
        """
        read: Read = "presence" if any(one.presence is not None for one in answers) else "score"
        said = [value(one, read) for one in answers]
        happens = np.array([one.happens for one in answers])
        speaks = np.array([number is not None for number in said], bool)
        values = np.array([number for number in said if number is not None], np.float64)
        if not np.isfinite(values).all():
            raise InputError("a score is infinite, so presence cannot be calibrated from it")
        if not len(values) or (speaks.all() and np.ptp(values) == 0):
            what = "no answer has a presence or a score" if not len(values) else "every answer has the same score"
            raise InputError(f"{what}, so presence cannot be calibrated; use a model that says how sure it is")
        videos = [one.video for one, speaking in zip(answers, speaks, strict=True) if speaking]
        if method == AUTO:
            method = choose_method(METHODS, values, happens[speaks], videos, seed=seed)
        curve = METHODS.named(method).fit(values, happens[speaks])
        quiet = happens[~speaks]
        return cls(curve, read, float((quiet.sum() + 1) / (len(quiet) + 2)) if len(quiet) else float(happens.mean()))

    def probability(self, answer: Answered) -> float:
        """The calibrated P(the query happens) of an answer."""
        number = value(answer, self.read)
        return self.silent if number is None else float(self.curve.probability([number])[0])


def value(answer: Answered, read: Read) -> float | None:
    """The number that is calibrated, None where the answer has none."""
    if read == "presence":
        return answer.presence
    return None if answer.best is None else answer.best[2]
