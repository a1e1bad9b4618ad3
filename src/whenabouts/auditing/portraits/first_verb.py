"""Answers that follow the first verb of the query, and nothing else: `opens` lies here, `closes` there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.portraits.chance import Gain, gain
from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.auditing.portraits.known import known_lengths, known_places
from whenabouts.auditing.portraits.portrait import FEWEST, Portrait, Trait
from whenabouts.auditing.portraits.verbs import FINDERS

__all__ = ["FirstVerb", "follows_verb"]

ROUNDS = 200  # permutations of the verbs
SURE = 4.0  # standard deviations above the mean of permuted verbs, from which on verbs explain answers
SAME = 1e-6  # variance, below which all answers are one window
MUCH = 0.02  # share of the variance beyond permuted verbs, below which verbs explain little
Array = NDArray[np.float64]


class FirstVerb(Portrait):
    """Verbs explain where answers lie, and between queries of one verb answers fit as well if they are permuted."""

    name: ClassVar[str] = "first-verb"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where verbs explain more than permuted ones, and what is asked beyond them gains nothing."""
        found = follows_verb(windows)
        if found is None:
            return None
        own, permuted = found.within.own, found.within.own - found.within.mean
        return Trait(
            self.name,
            f"the first verb of the query explains {found.answers:.0%} of where the answers lie, and {found.truth:.0%} "
            f"of where the truth lies; between queries of one verb, permuted answers fit as well (tIoU {own:.2f} and "
            f"{permuted:.2f})",
            {"explained": found.answers, "truth explained": found.truth, "verbs": float(found.verbs)}
            | {"gain": found.within.mean, "gain high": found.within.high},
        )


@dataclass(frozen=True, slots=True)
class Followed:
    """How far verbs go: shares of the variance of answers and truths beyond permuted verbs, and the gain within."""

    answers: float
    truth: float
    verbs: int
    within: Gain


@lru_cache(maxsize=2)
def follows_verb(windows: FirstWindows) -> Followed | None:
    """None where answers vary with more, or with other things, than the first verb, however that is found."""
    found = (_follows([find(query) for query in windows.queries], windows) for find in FINDERS)
    return next((one for one in found if one is not None), None)


def _follows(of_queries: list[str], windows: FirstWindows) -> Followed | None:
    verbs = np.array(of_queries)
    names, number, count = np.unique(verbs, return_inverse=True, return_counts=True)
    kept = (count[number] > 1) & (verbs != "")
    shares = windows.shares[kept]
    if kept.sum() < FEWEST or len(np.unique(number[kept])) < 2:
        return None
    if min(each.var(axis=0).sum() for each in (shares, windows.given[kept])) < SAME:
        return None
    rng = np.random.default_rng(0)
    answers, z = _explained(shares, number[kept], rng)
    if z < SURE or answers < MUCH:
        return None
    groups = tuple(verb or str(place) for place, verb in enumerate(verbs))
    within = gain(windows, groups)
    if within is None or not within.nothing or known_places(windows, groups) or known_lengths(windows, groups):
        return None
    truth, _ = _explained((windows.truth / windows.duration[:, None])[kept], number[kept], rng)
    return Followed(answers, truth, int((count[names != ""] > 1).sum()), within)


def _explained(values: Array, group: NDArray[np.intp], rng: np.random.Generator) -> tuple[float, float]:
    """The share of the variance of (K, 2) between groups, less that of permuted ones; and in their deviations."""
    permuted = np.array([_between(values, rng.permutation(group)) for _ in range(ROUNDS)])
    share, mean = _between(values, group), float(permuted.mean())
    return (share - mean) / max(1 - mean, 1e-9), (share - mean) / max(float(permuted.std()), 1e-9)


def _between(values: Array, group: NDArray[np.intp]) -> float:
    off = values - values.mean(axis=0)
    count = np.maximum(np.bincount(group), 1)
    sums = np.stack([np.bincount(group, weights=column, minlength=len(count)) for column in off.T])
    return float((sums**2 / count).sum() / max((off**2).sum(), 1e-12))
