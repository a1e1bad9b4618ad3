"""How far answers are spread from where moments usually lie, and from windows anywhere."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.portraits.first_windows import FirstWindows

__all__ = ["distance_to_prior"]

MOST = 1000  # windows of each kind that are compared
Array = NDArray[np.float64]


@lru_cache(maxsize=2)
def distance_to_prior(windows: FirstWindows, *, seed: int = 0) -> float:
    """The energy distance of answers and prior, divided by that of windows anywhere and prior; 0 is the same spread.

    The prior is the windows of the training split, the first true window of each query or all of them, whichever are
    nearest. Windows are points (start, end) in shares of the video; those anywhere have two ends drawn evenly. The
    estimate may be below 0.
    """
    rng = np.random.default_rng(seed)
    anywhere = np.sort(rng.random((MOST, 2)), axis=1)
    found = []
    for each in (windows.prior, *_true(windows)):
        if len(each) > 1:
            answers, prior = (rng.permutation(rows)[:MOST] for rows in (windows.shares, each))
            found.append(_energy(answers, prior) / max(_energy(anywhere, prior), 1e-9))
    return min(found)


def _true(windows: FirstWindows) -> tuple[Array, Array]:
    """(T, 2) shares of the video: the first true window of each query, as guesses often are made of, and all."""
    shares = windows.truths / windows.duration[:, None, None]
    again = (shares == shares[:, :1]).all(axis=2)  # that fill up the rows of queries with fewer windows
    again[:, 0] = False
    return shares[:, 0], shares[~again]


def _energy(a: Array, b: Array) -> float:
    return 2 * float(_distances(a, b).mean()) - _own(a) - _own(b)


def _own(a: Array) -> float:
    return float(_distances(a, a).sum()) / max(1, len(a) * (len(a) - 1))


def _distances(a: Array, b: Array) -> Array:
    starts, ends = (a[:, None, end] - b[None, :, end] for end in (0, 1))
    return np.asarray(np.sqrt(starts * starts + ends * ends))  # hypot takes several times as long
