"""What answers know of their own query: beside them, answers permuted between queries on videos of like length."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.portraits.first_windows import FirstWindows, overlaps
from whenabouts.trust.flaws.bounds import Z, mean_interval

__all__ = ["SURE", "Gain", "gain", "permuted"]

ROUNDS = 50  # permutations
FEWEST_NEAR, NEAR = 10, 0.05  # neighbours in video length on either side: so many, or this share of all queries
SURE = 3.3  # standard errors above which something is no chance: p < 0.001
NONE = 0.1  # of tIoU; surely less is no gain
FEW = 0.2  # of the gain that the truth has; surely less is no gain where it is within CHANCE standard errors of none
CHANCE = 1.64


@dataclass(frozen=True, slots=True)
class Gain:
    """The mean tIoU of answers with their own truth, and what it is above that of permuted ones.

    high:    the gain's upper bound of 95 % confidence
    z:       the gain in standard errors over videos or queries, whichever are wider
    queries: how many could be permuted
    """

    own: float
    mean: float
    high: float
    z: float
    queries: int

    @property
    def nothing(self) -> bool:
        """Whether the gain is surely small and may be chance."""
        truth = 1 - (self.own - self.mean)
        return (self.high < NONE and self.z < SURE) or (self.high < FEW * truth and self.z < CHANCE)


@lru_cache(maxsize=4)
def gain(windows: FirstWindows, groups: tuple[str, ...] | None = None, *, seed: int = 0) -> Gain | None:
    """Answers, in shares of the video, are given to other queries on videos of like length.

    groups: of each query, within which alone answers are permuted; who is alone in a group is left out. None if all
            are.
    """
    chosen, partners = permuted(windows.duration, groups, seed=seed)
    if not len(chosen):
        return None
    truths, own = windows.truths[chosen], windows.tiou[chosen]
    others = np.zeros(len(chosen))
    for row in partners:
        others += overlaps(windows.shares[row] * windows.duration[chosen][:, None], truths) / ROUNDS
    bounds = mean_interval(own - others, [windows.videos[number] for number in chosen])
    error = max((bounds.high - bounds.low) / (2 * Z), 1e-12)
    return Gain(float(own.mean()), bounds.mean, bounds.high, bounds.mean / error, len(chosen))


def permuted(
    duration: NDArray[np.float64], groups: tuple[str, ...] | None, *, seed: int = 0
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Queries (K,) that have others in their group, and for each, in every round, one of those (ROUNDS, K)."""
    rng = np.random.default_rng(seed)
    _, group = np.unique(np.array(groups or [""] * len(duration)), return_inverse=True)
    order = np.lexsort((duration, group))
    place = np.arange(len(order))
    sorted_group = group[order]
    reach = max(FEWEST_NEAR, round(NEAR * len(order)))
    low = np.maximum(np.searchsorted(sorted_group, sorted_group, "left"), place - reach)
    high = np.minimum(np.searchsorted(sorted_group, sorted_group, "right"), place + reach + 1)
    company = high - low > 1
    place, low, high = place[company], low[company], high[company]
    drawn = low + np.floor(rng.random((ROUNDS, len(place))) * (high - low - 1)).astype(np.intp)
    drawn += drawn >= place
    return order[place], order[drawn]
