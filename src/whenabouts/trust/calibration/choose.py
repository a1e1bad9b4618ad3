"""Which method calibrates best on videos that it was not fitted on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.plugins import Registry
from whenabouts.trust.calibration.calibrator import PresenceCalibrator

__all__ = ["choose_method", "folds_of", "log_loss"]

FOLDS = 5


def choose_method(
    methods: Registry[type[PresenceCalibrator]],
    values: NDArray[np.float64],
    happens: NDArray[np.bool_],
    videos: Sequence[str],
    *,
    seed: int = 0,
) -> str:
    """The method of the least log-loss, cross-validated by video; of equals the first.

    A method that cannot be fitted on every fold is left out. Raises InputError where all are.
    """
    best, least, refusal = None, np.inf, InputError("there is no method of calibration")
    for name, kind in methods.items():
        p = np.empty(len(values))
        try:
            for held_out in folds_of(videos, seed):
                p[held_out] = kind.fit(values[~held_out], happens[~held_out]).probability(values[held_out])
            kind.fit(values, happens)
        except InputError as error:
            refusal = error
            continue
        if (loss := log_loss(p, happens)) < least:
            best, least = name, loss
    if best is None:
        raise refusal
    return best


def folds_of(videos: Sequence[str], seed: int, folds: int = FOLDS) -> Iterator[NDArray[np.bool_]]:
    """(N,) masks of the queries that are held out, each video in one; no more masks than there are videos."""
    names, number = np.unique(np.array([str(video) for video in videos]), return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(names))
    folds = min(folds, len(names))
    if folds < 2:
        raise InputError("a choice among methods of calibration needs two videos or more; name a method, or add videos")
    for fold in range(folds):
        yield place[number] % folds == fold


def log_loss(probabilities: NDArray[np.float64], happens: NDArray[np.bool_]) -> float:
    """The mean of −ln of the probability of what is so."""
    stated = np.where(happens, probabilities, 1 - probabilities)
    return float(-np.log(np.clip(stated, 1e-15, 1)).mean())
