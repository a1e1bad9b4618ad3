"""What a calibrator of presence is: a rising function from what a grounder says to a probability."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import InputError

__all__ = ["EDGE", "PresenceCalibrator", "checked", "falls", "logit"]

EDGE = 1e-6  # a probability is taken to be no nearer to 0 or 1 than this


class PresenceCalibrator(ABC):
    """P(a query happens) from a presence, or from the score of the best moment.

    A subclass is a frozen dataclass of plain numbers, which are what a file holds of it. It never turns an order round;
    one that is `strictly` rising keeps any two values apart that are further apart than rounding.
    """

    method: ClassVar[str]
    strictly: ClassVar[bool]

    @classmethod
    @abstractmethod
    def fit(cls, values: NDArray[np.float64], happens: NDArray[np.bool_]) -> Self:
        """Fit on (N,) finite values and whether each query happens. Raises InputError where that cannot be."""

    @abstractmethod
    def probability(self, values: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of (N,) values."""


def logit(probabilities: ArrayLike) -> NDArray[np.float64]:
    """ln(p / (1 − p)), of probabilities kept `EDGE` away from 0 and 1."""
    p = np.clip(np.asarray(probabilities, np.float64), EDGE, 1 - EDGE)
    odds: NDArray[np.float64] = np.log(p) - np.log1p(-p)
    return odds


def checked(values: ArrayLike, happens: ArrayLike, method: str, *, probabilities: bool) -> None:
    """Refuse what no curve can be fitted on, in one sentence. Raises InputError."""
    value, y = np.asarray(values, np.float64), np.asarray(happens, bool)
    if y.all() or not y.any():
        raise InputError("calibration needs queries that happen and queries that do not; add those that are missing")
    if probabilities and not ((value >= 0) & (value <= 1)).all():
        raise InputError(f"{method} calibrates probabilities, and these scores are none; choose platt or isotonic")
    if np.ptp(value) == 0:
        raise InputError("every answer has the same score, so no curve tells queries that happen from the others")


def falls(method: str) -> InputError:
    """The refusal of a curve that would fall."""
    return InputError(
        f"{method} finds that queries that happen score no higher than those that do not; this score says nothing of it"
    )
