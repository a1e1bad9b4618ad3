"""Isotonic regression by pooling adjacent violators: any rising curve, where there are many queries."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import InputError
from whenabouts.trust.calibration.calibrator import PresenceCalibrator, falls

__all__ = ["Isotonic"]


@dataclass(frozen=True, slots=True)
class Isotonic(PresenceCalibrator):
    """Straight lines between knots (values, probabilities), level beyond the first and the last.

    It is level within a block too, so that it is not strictly rising: values that differ may share a probability.
    Raises InputError unless values rise, and probabilities do not fall and lie in [0, 1].
    """

    method: ClassVar[str] = "isotonic"
    strictly: ClassVar[bool] = False

    values: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        rises = all(after > before for before, after in pairwise(self.values))
        keeps = all(after >= before for before, after in pairwise(self.probabilities))
        ends = [self.probabilities[i] for i in (0, -1)] if self.probabilities else [-1.0]
        if not (rises and keeps and len(self.values) == len(self.probabilities) and ends[0] >= 0 and ends[-1] <= 1):
            raise InputError("an isotonic calibration has values that rise, each with a probability that does not fall")

    @classmethod
    def fit(cls, values: NDArray[np.float64], happens: NDArray[np.bool_]) -> Self:
        """The rising curve of least squares, kept 1/(n + 2) from 0 and 1: n queries cannot show more.

        Raises InputError.
        """
        if happens.all() or not happens.any():
            raise InputError(
                "calibration needs queries that happen and queries that do not; add those that are missing"
            )
        at, place, count = np.unique(values, return_inverse=True, return_counts=True)
        hits = np.bincount(place, weights=happens, minlength=len(at))
        blocks: list[list[float]] = []  # happen, all, first, last
        for i in range(len(at)):
            blocks.append([float(hits[i]), float(count[i]), float(at[i]), float(at[i])])
            while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
                hit, all_, _, last = blocks.pop()
                blocks[-1] = [blocks[-1][0] + hit, blocks[-1][1] + all_, blocks[-1][2], last]
        if len(blocks) == 1:
            raise falls(cls.method)
        least = 1 / (len(values) + 2)
        knots = [
            (edge, min(max(hit / all_, least), 1 - least))
            for hit, all_, first, last in blocks
            for edge in dict.fromkeys((first, last))
        ]
        return cls(tuple(x for x, _ in knots), tuple(p for _, p in knots))

    def probability(self, values: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of (N,) values."""
        return np.interp(np.asarray(values, np.float64), self.values, self.probabilities)
