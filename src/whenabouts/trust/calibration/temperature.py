"""Temperature (Guo et al. 2017, arXiv:1706.04599): one number that makes a presence bolder or more careful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import InputError
from whenabouts.trust.calibration.calibrator import PresenceCalibrator, checked, falls, logit
from whenabouts.trust.calibration.logistic import fit_logistic, sigmoid

__all__ = ["Temperature"]


@dataclass(frozen=True, slots=True)
class Temperature(PresenceCalibrator):
    """σ(logit(p) / temperature): even odds stay even. For probabilities only. Raises InputError."""

    method: ClassVar[str] = "temperature"
    strictly: ClassVar[bool] = True

    temperature: float

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise InputError(f"a temperature is above 0, not {self.temperature:g}")

    @classmethod
    def fit(cls, values: NDArray[np.float64], happens: NDArray[np.bool_]) -> Self:
        """The temperature of the greatest likelihood. Raises InputError."""
        checked(values, happens, cls.method, probabilities=True)
        slope = float(fit_logistic(logit(values)[:, None], happens)[0])
        if slope <= 0:
            raise falls(cls.method)
        return cls(1 / slope)

    def probability(self, values: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of (N,) probabilities."""
        return sigmoid(logit(values) / self.temperature)
