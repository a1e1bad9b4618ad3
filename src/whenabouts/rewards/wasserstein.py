"""How far the seconds of one set of intervals must travel to become another: slopes where nothing overlaps yet.

TimeLens2 (arXiv:2607.17423) rewards an answer with exp(−β · W1 / truth's seconds): the intervals of each side are
joined and become a uniform density, W1 is the area between their distribution functions. No interval is paired with
another, so that a wrong number of intervals has no jump, and a window that is wide enough to be always right is far
from every short truth.

Windows are pairs of seconds with start < end, all finite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts import moment
from whenabouts.rewards.parse import Window
from whenabouts.rewards.sets import seconds
from whenabouts.rewards.target import Reward, of_set

__all__ = ["closeness", "endpoint_distance", "wasserstein", "wasserstein_1", "wasserstein_2"]

Array = NDArray[np.float64]


def wasserstein_1(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """W1 in seconds of two uniform densities on the joined windows, none empty: ∫ |F − F*|.

    >>> wasserstein_1([(0.0, 10.0)], [(20.0, 30.0)])
    20.0
    """
    one, other = _joined(windows), _joined(truths)
    at = np.unique(np.concatenate([one.ravel(), other.ravel()]))
    return _area(at, np.interp(at, one.ravel(), _mass(one)) - np.interp(at, other.ravel(), _mass(other)))


def wasserstein_2(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """W2 in seconds of the same densities: the root of ∫ (Q − Q*)² over the quantiles."""
    one, other = _joined(windows), _joined(truths)
    at = np.unique(np.concatenate([_mass(one), _mass(other)]))
    middle, width = (at[:-1] + at[1:]) / 2, np.diff(at)
    gap = np.interp(middle, _mass(one), one.ravel()) - np.interp(middle, _mass(other), other.ravel())
    slope = (seconds(windows) - seconds(truths)) * width
    with np.errstate(over="ignore", invalid="ignore"):  # squares of times of 200 digits
        return float(np.sqrt(np.sum((gap**2 + slope**2 / 12) * width)))


def endpoint_distance(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """W1 in seconds where each joined window is two points, its start and its end."""
    one, other = _joined(windows).ravel(), _joined(truths).ravel()
    at = np.unique(np.concatenate([one, other]))
    below = [np.searchsorted(points, at[:-1], side="right") / len(points) for points in (one, other)]
    return float(np.sum(np.abs(below[0] - below[1]) * np.diff(at)))


def closeness(distance: float, scale: float, beta: float) -> float:
    """exp(−β · distance / scale), in [0, 1]; 0 for what cannot be computed, such as times of 300 digits."""
    value = math.exp(-beta * distance / max(scale, 1e-12)) if math.isfinite(distance) else 0.0
    return value if math.isfinite(value) else 0.0


def _closeness_1(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """exp(−W1 / truth's seconds) of all intervals together, in [0, 1]; 1 only for the exact set."""
    if not windows or not truths:
        return float(not windows and not truths)
    return closeness(wasserstein_1(windows, truths), seconds(truths), 1.0)


def _joined(windows: Sequence[Window]) -> Array:
    return moment.merge(list(windows))


def _mass(joined: Array) -> Array:
    """The distribution function at every start and end of (N, 2) windows: (2 N,), from 0 to 1."""
    ends = np.cumsum(joined[:, 1] - joined[:, 0])
    total = ends / ends[-1]
    return np.column_stack([np.concatenate([[0.0], total[:-1]]), total]).ravel()


def _area(at: Array, gap: Array) -> float:
    """∫ |gap| of the piecewise linear function through `gap` at `at`, exact where it crosses zero."""
    left, right = gap[:-1], gap[1:]
    both = np.abs(left) + np.abs(right)
    crossing = left * right < 0
    height = np.where(crossing, (left**2 + right**2) / np.where(both > 0, both, 1.0), both) / 2
    return float(np.sum(height * np.diff(at)))


wasserstein: Reward = of_set("wasserstein", _closeness_1)
