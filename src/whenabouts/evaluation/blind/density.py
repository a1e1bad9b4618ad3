"""The density of annotated windows: where moments mostly are, without a query.

A Gaussian kernel estimate over (start, length) in shares of the video with Scott's bandwidth, as scipy's
`gaussian_kde` makes it, and what Otani et al. (arXiv:2009.00325) do with it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.evaluation.blind.shares import GRID
from whenabouts.moment import nms

__all__ = ["NMS", "TOP", "Density", "modes", "peaks"]

NMS = 0.45  # the greatest IoU that two answers may have
TOP = 10
AT_ONCE = 1 << 21  # kernel values held together: 16 MB

TABLE = 512
REACH = 6.0  # standard deviations of the kernel around all windows: what wraps around is nothing

Points = NDArray[np.float64]


class Density:
    """A kernel density of windows (N, 2) in shares; starts and lengths are cut to the video first.

    Fewer than three windows, or windows all on one line of (start, length), have no density: ValueError.
    """

    def __init__(self, windows: Points) -> None:
        start = np.clip(windows[:, 0], 0.0, 1.0)
        length = np.minimum(windows[:, 1] - windows[:, 0], 1 - start)
        self.points = np.column_stack([start, length])
        n = len(self.points)
        if n < 3:
            raise ValueError(f"a density needs three windows or more, got {n}")
        try:
            covariance = np.cov(self.points.T) * n ** (-1 / 3)  # Scott's factor n^(-1/6), squared
            self.spread = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            raise ValueError("windows that are all alike have no density") from None
        whitened = np.linalg.solve(self.spread, self.points.T).T
        self._points, self._weights = np.unique(whitened, axis=0, return_counts=True)
        self._scale = 1 / (2 * np.pi * np.prod(np.diag(self.spread)) * n)

    def __call__(self, points: Points) -> Points:
        """The density (K,) at (K, 2) pairs of start and length."""
        at = np.linalg.solve(self.spread, points.T).T
        step = max(1, AT_ONCE // len(self._points))
        parts = [self._sum(at[first : first + step]) for first in range(0, len(at), step)]
        found: Points = np.concatenate([np.zeros(0), *parts]) * self._scale
        return found

    def near(self, points: Points) -> Points:
        """Nearly the density (K,) at (K, 2) points, in a time that does not grow with the number of windows.

        It is laid out on a table of 512 by 512 places and read between them.
        """
        low, step, table = self._table
        at = np.clip((points - low) / step, 0, TABLE - 1.001)
        i, j = at.astype(np.intp).T
        x, y = (at - np.floor(at)).T
        left = table[i, j] * (1 - y) + table[i, j + 1] * y
        right = table[i + 1, j] * (1 - y) + table[i + 1, j + 1] * y
        found: Points = left * (1 - x) + right * x
        return found

    @cached_property
    def _table(self) -> tuple[Points, Points, Points]:
        """Where a table of the density begins, its step in both directions, and the table."""
        reach = REACH * np.sqrt(np.diag(self.spread @ self.spread.T))
        low, high = self.points.min(0) - reach, self.points.max(0) + reach
        step = (high - low) / (TABLE - 1)
        at = (self.points - low) / step
        cell, part = at.astype(np.intp), at % 1
        mass = np.zeros((TABLE, TABLE))
        for i in (0, 1):
            for j in (0, 1):
                share = np.abs(1 - i - part[:, 0]) * np.abs(1 - j - part[:, 1])
                np.add.at(mass, (cell[:, 0] + i, cell[:, 1] + j), share)
        # a sum of kernels is a product of Fourier transforms, and that of a Gaussian is known
        waves = [2 * np.pi * np.fft.fftfreq(TABLE, one) for one in step]
        grid = np.stack(np.meshgrid(*waves, indexing="ij"), axis=-1)
        kernel = np.exp(-(((grid @ self.spread) ** 2).sum(-1)) / 2)
        table = np.fft.ifft2(np.fft.fft2(mass) * kernel).real / (len(self.points) * step.prod())
        return low, step, table

    def sample(self, draw: np.random.Generator, n: int) -> Points:
        """Pairs (n, 2) of start and length as they are drawn, also outside the video."""
        noise = draw.standard_normal((n, 2)) @ self.spread.T
        chosen: Points = self.points[draw.integers(len(self.points), size=n)] + noise
        return chosen

    def _sum(self, at: NDArray[Any]) -> Points:
        # |a - b|^2 as a product of matrices, which is the quick part; 0 is the least it can be
        squares = (at**2).sum(1)[:, None] + (self._points**2).sum(1) - 2 * at @ self._points.T
        found: Points = np.exp(-np.maximum(squares, 0) / 2) @ self._weights
        return found


def modes(windows: Points) -> Points:
    """The windows of the grid, at most ten, where the density of `windows` is greatest; all of `windows` without one.

    No two overlap by more than `NMS`.
    """
    try:
        density = Density(windows)
    except ValueError:
        return peaks(windows, np.zeros(len(windows)))
    return peaks(GRID, density(np.column_stack([GRID[:, 0], GRID[:, 1] - GRID[:, 0]])))


def peaks(windows: Points, values: Points) -> Points:
    """The best windows (at most ten) by value, of which no two overlap by more than `NMS`; equals in their order."""
    kept = nms(windows, values, NMS)[:TOP]
    return windows[kept]
