"""Platt's logistic curve (1999): a slope and a bias, on the logit of a probability or on any other score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import InputError
from whenabouts.trust.calibration.calibrator import PresenceCalibrator, checked, falls, logit
from whenabouts.trust.calibration.logistic import fit_logistic, sigmoid

__all__ = ["Platt"]


@dataclass(frozen=True, slots=True)
class Platt(PresenceCalibrator):
    """σ(slope · x + bias), where x is the logit of the value if `odds`, else the value. Raises InputError."""

    method: ClassVar[str] = "platt"
    strictly: ClassVar[bool] = True

    slope: float
    bias: float
    odds: bool

    def __post_init__(self) -> None:
        if not self.slope > 0:
            raise InputError(f"the slope of a calibration is above 0, not {self.slope:g}")

    @classmethod
    def fit(cls, values: NDArray[np.float64], happens: NDArray[np.bool_]) -> Self:
        """On the logit where every value lies in [0, 1]. Raises InputError."""
        checked(values, happens, cls.method, probabilities=False)
        odds = bool(((values >= 0) & (values <= 1)).all())
        x = logit(values) if odds else values
        middle, width = float(x.mean()), float(x.std())  # so that scores in millions are fitted as those in thousandths
        if width == 0:  # of values that are all within `EDGE` of 0 or of 1
            raise falls(cls.method)
        slope, bias = fit_logistic(np.column_stack([(x - middle) / width, np.ones(len(x))]), happens)
        if slope <= 0:
            raise falls(cls.method)
        return cls(float(slope / width), float(bias - slope * middle / width), odds)

    def probability(self, values: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of (N,) values."""
        x = logit(values) if self.odds else np.asarray(values, np.float64)
        return sigmoid(self.slope * x + self.bias)
