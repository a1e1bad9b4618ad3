"""Whether a probability is what it says: of what has probability 0.7, seven in ten should be so."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Reliability", "brier", "ece", "reliability"]

BINS = 15


class Reliability(NamedTuple):
    """Bins of equal mass: (B,) the mean probability, the share that is so, and the weight of each."""

    stated: NDArray[np.float64]
    true: NDArray[np.float64]
    weight: NDArray[np.float64]


def reliability(probabilities: ArrayLike, so: ArrayLike, *, bins: int = BINS) -> Reliability:
    """Stated and true frequencies in at most `bins` bins that hold as many as possible alike, by rising probability.

    Equal probabilities are never parted, so that the order of the input does not matter: each goes where the middle of
    those equal to it lies. Raises ValueError for probabilities outside [0, 1], NaN or unequal lengths.
    """
    p, y = _checked(probabilities, so)
    _, place, count = np.unique(p, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    bin_of = np.minimum((middle * bins / len(p)).astype(int), bins - 1)[place]
    mass = np.bincount(bin_of, minlength=bins).astype(np.float64)
    used = mass > 0
    stated, true = (np.bincount(bin_of, weights=w, minlength=bins)[used] / mass[used] for w in (p, y.astype(float)))
    return Reliability(stated, true, mass[used] / len(p))


def ece(probabilities: ArrayLike, so: ArrayLike, *, bins: int = BINS) -> float:
    """The expected calibration error over bins of equal mass: the mean distance of stated and true frequency.

    >>> ece([0.75, 0.75, 0.75, 0.75], [True, True, True, False])
    0.0
    """
    stated, true, weight = reliability(probabilities, so, bins=bins)
    return float((weight * np.abs(stated - true)).sum())


def brier(probabilities: ArrayLike, so: ArrayLike) -> float:
    """The mean squared distance of a probability from 1 where it is so, and from 0 where it is not.

    Raises ValueError as `reliability`.

    >>> brier([1.0, 0.5], [True, False])
    0.125
    """
    p, y = _checked(probabilities, so)
    return float(((p - y) ** 2).mean())


def _checked(probabilities: ArrayLike, so: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    p, y = np.asarray(probabilities, np.float64), np.asarray(so, bool)
    if p.shape != y.shape or p.ndim != 1 or not len(p):
        raise ValueError(f"probabilities {p.shape} need as many answers whether it is so, got {y.shape}")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a probability is outside [0, 1]")
    return p, y
