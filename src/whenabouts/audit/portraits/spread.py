"""How far answers are spread from where moments usually lie, and from windows anywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whenabouts.audit.portraits.first_windows import FirstWindows

__all__ = ["distance_to_prior"]

MOST = 1000  # windows of each kind that are compared
Array = NDArray[np.float64]


def distance_to_prior(windows: FirstWindows, *, seed: int = 0) -> float:
    """The energy distance of answers and prior, divided by that of windows anywhere and prior; 0 is the same spread.

    Windows are points (start, end) in shares of the video; those anywhere have two ends drawn evenly. The unbiased
    estimate may be below 0.
    """
    rng = np.random.default_rng(seed)
    prior = windows.prior
    if not len(prior):
        prior = (windows.truths / windows.duration[:, None, None])[:, 0]
    answers, prior = (rng.permutation(each)[:MOST] for each in (windows.shares, prior))
    anywhere = np.sort(rng.random((MOST, 2)), axis=1)
    return _energy(answers, prior) / max(_energy(anywhere, prior), 1e-9)


def _energy(a: Array, b: Array) -> float:
    return 2 * float(_distances(a, b).mean()) - _own(a) - _own(b)


def _own(a: Array) -> float:
    return float(_distances(a, a).sum()) / max(1, len(a) * (len(a) - 1))


def _distances(a: Array, b: Array) -> Array:
    return np.asarray(np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]))
