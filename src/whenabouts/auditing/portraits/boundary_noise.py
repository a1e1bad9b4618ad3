"""Answers at the right place whose ends scatter evenly around the true ones."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.auditing.portraits.known import correlation, known_places
from whenabouts.auditing.portraits.perfect import EXACT, exact
from whenabouts.auditing.portraits.portrait import FEWEST, Portrait, Trait

__all__ = ["BoundaryNoise"]

# 95th percentile of errors by the median: 2.9 of normal errors, 4.3 of Laplace's; misses make it 12 and more
TAIL = 6.0
UNBIASED = 0.3  # of the mean size of errors, that their mean may be
CHANCE = 2.5  # standard errors that either of two ends may be off by chance: p = 0.025
APART = (1.0, 6.0)  # spread of lengths by that of centres: 2 of independent ends, 0 of a shift
NEAR = 1 / 3  # of the spread of truths around their middle, in seconds, that the ends may scatter
DRAWN = 0.3  # correlation of errors with the truth, below which answers are not drawn to the middle of the video
GROWS = 0.5  # power of the moment's length with which errors grow: 0 of noise in seconds, 1 of noise in proportion


class BoundaryNoise(Portrait):
    """Errors of starts and ends are unbiased and independent, without a tail of misses.

    They are as large for short moments as for long ones. Errors in proportion to the moment have no name: that is how
    systems err that find it.
    Only queries count of which neither answer nor truth touches the border of the video, which would cut an error.
    """

    name: ClassVar[str] = "boundary-noise"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where all of it holds of most answers that are not exact."""
        free = windows.take(windows.inside)
        if len(free) < FEWEST or not known_places(windows) or exact(free).mean() > 0.5:
            return None
        size = np.abs(free.errors)
        spread, middle, far = float(size.mean()), *(float(each) for each in np.quantile(size, [0.5, 0.95]))
        start, end = (float(each) for each in free.errors.mean(axis=0))
        chance = CHANCE / len(free) ** 0.5
        unbiased = max(abs(start), abs(end)) <= max(UNBIASED * spread, chance * float(free.errors.std()))
        calm = far <= TAIL * middle and unbiased
        centre, length = free.errors.mean(axis=1), free.errors[:, 1] - free.errors[:, 0]
        alone = APART[0] * _spread(centre) <= _spread(length) <= APART[1] * _spread(centre)
        drawn = max(abs(correlation(free.errors[:, one], free.truth[:, one])) for one in (0, 1))
        near = spread <= NEAR * _spread(free.truth.mean(axis=1))
        if not (calm and alone and near and drawn < max(DRAWN, chance)) or _grow(free):
            return None
        early, right = float((free.errors < 0).mean()), float((windows.tiou >= 0.5).mean())
        return Trait(
            self.name,
            f"ends are {spread:.1f} s beside the true ones in the mean whether moments are short or long ({early:.0%} "
            f"early, 95 % within {far:.1f} s), without bias (starts {start:+.1f} s, ends {end:+.1f} s in the mean); "
            f"it hits {right:.0%} at 0.5",
            {"spread": spread, "start error": start, "end error": end, "early": early, "within": far, "R1@0.5": right},
        )


def _grow(windows: FirstWindows) -> bool:
    """Whether errors grow with the moment, and that is no chance: by the slope over lengths, both as logarithms."""
    size = np.log(np.maximum(np.abs(windows.errors).mean(axis=1), EXACT))
    length = np.log(windows.true_length)
    related = correlation(size, length)
    return related > 2 / len(size) ** 0.5 and related * float(size.std()) > GROWS * float(length.std())


def _spread(values: NDArray[np.float64]) -> float:
    return float(np.abs(values - np.median(values)).mean())
