"""Whether many answers are one and the same window, in shares of the video or in seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.moment import tiou

__all__ = ["Common", "most_common"]

SAME = 0.8  # tIoU from which two windows are the same
TRIED = 200  # answers that are tried as the common window


@dataclass(frozen=True, slots=True)
class Common:
    """The window that most answers are.

    window:  [start, end], in shares of the video if `shares`, else in seconds
    same:    (Q,) whether the answer is that window, and `true`: whether the truth is
    """

    window: tuple[float, float]
    shares: bool
    same: NDArray[np.bool_]
    true: NDArray[np.bool_]

    @property
    def words(self) -> str:
        """The window as people say it."""
        low, high = self.window
        return f"{low:.0%} to {high:.0%} of the video" if self.shares else f"{low:.1f} to {high:.1f} s"


def most_common(windows: FirstWindows, *, seed: int = 0) -> Common:
    """Of `TRIED` answers, the one that most others overlap by a tIoU of 0.8 or more."""
    found = [_most_common(windows, shares, seed) for shares in (True, False)]
    return max(found, key=lambda one: int(one.same.sum()))


def _most_common(windows: FirstWindows, shares: bool, seed: int) -> Common:
    by = windows.duration[:, None] if shares else np.ones((len(windows), 1))
    given = windows.given / by
    tried = np.random.default_rng(seed).permutation(len(given))[:TRIED]
    best = given[max(tried, key=lambda number: int((tiou(given[number], given) >= SAME).sum()))]
    same, true = (tiou(best, each)[0] >= SAME for each in (given, windows.truth / by))
    return Common((float(best[0]), float(best[1])), shares, same, true)
