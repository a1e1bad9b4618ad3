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
    """The first method whose log-loss, cross-validated by video, is the least or no more than one error above it.

    The error is the standard error over videos of the difference to the least: what is simpler and keeps the order
    stands before what bends more, unless that is better beyond chance (Breiman's rule). A method that cannot be fitted
    on every fold is left out. Raises InputError where all are.
    """
    losses: dict[str, NDArray[np.float64]] = {}
    refusal = InputError("there is no method of calibration")
    for name, kind in methods.items():
        p = np.empty(len(values))
        try:
            for held_out in folds_of(videos, seed):
                p[held_out] = kind.fit(values[~held_out], happens[~held_out]).probability(values[held_out])
            kind.fit(values, happens)
        except InputError as error:
            refusal = error
            continue
        losses[name] = log_loss(p, happens)
    if not losses:
        raise refusal
    least = min(losses.values(), key=lambda loss: float(loss.mean()))
    return next(name for name, loss in losses.items() if _near(loss - least, videos))


def _near(above: NDArray[np.float64], videos: Sequence[str]) -> bool:
    """Whether a mean is at most one standard error above zero; queries of one video err together."""
    _, number = np.unique(np.array([str(video) for video in videos]), return_inverse=True)
    sums = np.bincount(number, weights=above - above.mean())
    return bool(above.mean() <= np.sqrt((sums**2).sum()) / len(above))


def folds_of(videos: Sequence[str], seed: int, folds: int = FOLDS) -> Iterator[NDArray[np.bool_]]:
    """(N,) masks of the queries that are held out, each video in one; no more masks than there are videos."""
    names, number = np.unique(np.array([str(video) for video in videos]), return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(names))
    folds = min(folds, len(names))
    if folds < 2:
        raise InputError("a choice among methods of calibration needs two videos or more; name a method, or add videos")
    for fold in range(folds):
        yield place[number] % folds == fold


def log_loss(probabilities: NDArray[np.float64], happens: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N,) −ln of the probability of what is so."""
    stated = np.where(happens, probabilities, 1 - probabilities)
    loss: NDArray[np.float64] = -np.log(np.clip(stated, 1e-15, 1))
    return loss
