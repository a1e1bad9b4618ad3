"""Beta calibration (Kull, Silva Filho and Flach 2017): for probabilities bolder at one end than at the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import InputError
from whenabouts.trust.calibration.calibrator import EDGE, PresenceCalibrator, checked, falls
from whenabouts.trust.calibration.logistic import fit_logistic, sigmoid

__all__ = ["Beta"]


@dataclass(frozen=True, slots=True)
class Beta(PresenceCalibrator):
    """σ(a · ln p − b · ln(1 − p) + c), where a and b are not negative and not both 0. For probabilities only.

    Raises InputError for other a and b.
    """

    method: ClassVar[str] = "beta"
    strictly: ClassVar[bool] = True

    a: float
    b: float
    c: float

    def __post_init__(self) -> None:
        if not (self.a >= 0 and self.b >= 0 and self.a + self.b > 0):
            raise InputError(
                f"a and b of a beta calibration are 0 or more, and one is above, not {self.a:g}, {self.b:g}"
            )

    @classmethod
    def fit(cls, values: NDArray[np.float64], happens: NDArray[np.bool_]) -> Self:
        """By maximum likelihood; a coefficient that would be negative is 0, as in the paper. Raises InputError."""
        checked(values, happens, cls.method, probabilities=True)
        low, high = _features(values)
        ones = np.ones(len(low))
        a, b, c = fit_logistic(np.column_stack([low, high, ones]), happens)
        if a < 0:
            a, (b, c) = 0.0, fit_logistic(np.column_stack([high, ones]), happens)
        elif b < 0:
            b, (a, c) = 0.0, fit_logistic(np.column_stack([low, ones]), happens)
        if a < 0 or b < 0 or a + b <= 0:
            raise falls(cls.method)
        return cls(float(a), float(b), float(c))

    def probability(self, values: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of (N,) probabilities."""
        low, high = _features(np.asarray(values, np.float64))
        return sigmoid(self.a * low + self.b * high + self.c)


def _features(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    p = np.clip(values, EDGE, 1 - EDGE)
    return np.log(p), -np.log1p(-p)
