"""Answers at the right place whose ends scatter evenly around the true ones."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from whenabouts.audit.portraits.first_windows import FirstWindows
from whenabouts.audit.portraits.known import known_places
from whenabouts.audit.portraits.perfect import exact
from whenabouts.audit.portraits.portrait import FEWEST, Portrait, Trait

__all__ = ["BoundaryNoise"]

TAIL = 4.5  # 95th percentile of errors by the median: 2.9 of normal errors, 1.9 of even ones; misses make it far more
UNBIASED = 0.3  # of the spread, that the median error of starts or ends may be
APART = (0.8, 6.0)  # spread of lengths by that of centres: 2 of independent ends, 0 of a shift
NEAR = 1 / 3  # of the spread of truths around their middle, in seconds, that the ends may scatter
MAD = 1.4826  # standard deviation of normal errors by their median size


class BoundaryNoise(Portrait):
    """Errors of starts and ends are unbiased and independent, and have no tail of misses.

    Only queries count of which neither answer nor truth touches the border of the video, which would cut an error.
    """

    name: ClassVar[str] = "boundary-noise"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where all of it holds of most answers that are not exact."""
        free = windows.take(windows.inside)
        if len(free) < FEWEST or not known_places(windows) or exact(free).mean() > 0.5:
            return None
        size = np.abs(free.errors)
        middle, far = (float(each) for each in np.quantile(size, [0.5, 0.95]))
        start, end = (float(each) for each in np.median(free.errors, axis=0))
        spread = MAD * middle
        centre, length = (_spread(each) for each in (free.errors.mean(axis=1), free.errors[:, 1] - free.errors[:, 0]))
        calm = far <= TAIL * middle and max(abs(start), abs(end)) <= max(UNBIASED, 2 / len(free) ** 0.5) * spread
        alone = APART[0] * centre <= length <= APART[1] * centre
        if not (calm and alone and spread <= NEAR * _spread(free.truth.mean(axis=1))):
            return None
        early = float((free.errors < 0).mean())
        return Trait(
            self.name,
            f"ends scatter around the true ones by {spread:.1f} s ({early:.0%} early, 95 % within {far:.1f} s), "
            f"without bias (starts {start:+.1f} s, ends {end:+.1f} s in the median) and without misses",
            {"spread": spread, "start error": start, "end error": end, "early": early, "within": far},
        )


def _spread(values: np.ndarray) -> float:
    return MAD * float(np.median(np.abs(values - np.median(values))))
