"""How much answers know of their moment: how long it is, and where."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.portraits.chance import SURE, permuted
from whenabouts.auditing.portraits.first_windows import FirstWindows

__all__ = ["PLACED", "correlation", "known_lengths", "known_places", "may_know"]

PLACED = 0.3  # correlation beyond chance above which answers are where the truth is, if not exactly
DOUBT = 2.3  # standard errors from which on few answers may know something: p < 0.01
Array = NDArray[np.float64]


def may_know(windows: FirstWindows) -> bool:
    """Whether answers know where or how long the moment is, or may: a correlation that is large, if hardly sure."""
    known = (known_places, known_lengths)
    return any(one(windows) > 0 or one(windows, sure=DOUBT) > PLACED for one in known)


@lru_cache(maxsize=4)
def known_lengths(windows: FirstWindows, groups: tuple[str, ...] | None = None, *, sure: float = SURE) -> float:
    """The rank correlation of the lengths of answers and truths beyond that of permuted answers; 0 if it is chance.

    groups: of each query, within which alone answers are permuted
    sure:   standard errors above which it is no chance
    """
    first = windows.truths[:, 0]  # not the nearest, which has something of the answer
    return _known(windows.length, first[:, 1] - first[:, 0], windows, groups, sure)


@lru_cache(maxsize=4)
def known_places(windows: FirstWindows, groups: tuple[str, ...] | None = None, *, sure: float = SURE) -> float:
    """The same of their centres."""
    return _known(windows.given.mean(axis=1), windows.truths[:, 0].mean(axis=1), windows, groups, sure)


def _known(a: Array, b: Array, windows: FirstWindows, groups: tuple[str, ...] | None, sure: float) -> float:
    given, true = _ranks(a / windows.duration), _ranks(b / windows.duration)
    chosen, partners = permuted(windows.duration, groups)
    if not len(chosen):
        return 0.0
    own = correlation(given[chosen], true[chosen])
    others = np.array([correlation(given[row], true[chosen]) for row in partners])
    beyond = own - float(others.mean())
    return beyond if beyond > sure * max(float(others.std()), len(chosen) ** -0.5) else 0.0


def correlation(a: Array, b: Array) -> float:
    """Pearson's, and 0 where one of them does not vary."""
    return float(np.corrcoef(a, b)[0, 1]) if a.std() and b.std() else 0.0


def _ranks(values: Array) -> Array:
    """Ranks from 0; ties share their mean."""
    _, number, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count + 1) / 2)[number])
