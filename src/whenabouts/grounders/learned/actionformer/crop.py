"""Which part of a video training sees, and the actions in it."""

from __future__ import annotations

import numpy as np

from whenabouts.benchmarks.features import Float

__all__ = ["cropped"]

TRIALS = 200


def cropped(
    rows: Float,
    windows: Float,
    rng: np.random.Generator,
    *,
    longest: int,
    crop: tuple[float, float],
    share: float,
    margin: float,
) -> tuple[Float, Float, np.ndarray]:
    """Rows (L', D), windows (N', 2) in these rows, and the numbers (N',) of the actions that are left.

    longest: rows at most; a video that is shorter is cut to a share of it between the two of `crop`
    share:   of an action that must be left; margin: rows that a row's features reach beyond it

    A part without any action is drawn again, as long as there is hope.
    """
    count, everything = len(rows), np.arange(len(windows))
    length = longest
    if count <= longest:
        length = int(rng.integers(max(round(crop[0] * count), 1), min(round(crop[1] * count), count) + 1))
        if length == count:
            return rows, windows, everything
    for _ in range(TRIALS):
        first = int(rng.integers(0, count - length + 1))
        start = np.maximum(first - margin, windows[:, 0])
        end = np.minimum(first + length + margin, windows[:, 1])
        with np.errstate(invalid="ignore"):  # an action of no length is none
            left = np.maximum(end - start, 0) / np.abs(windows[:, 1] - windows[:, 0]) >= share
        if left.any() or not len(windows):
            break
    inside = np.stack([start[left], end[left]], 1) - np.float32(first)
    return rows[first : first + length], inside.astype(np.float32), everything[left]
