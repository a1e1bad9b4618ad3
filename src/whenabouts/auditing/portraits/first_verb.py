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
from whenabouts.auditing.portraits.words import OTHERS, VERBS

__all__ = ["FirstVerb", "follows_word"]

ROUNDS = 200  # permutations of the verbs
SURE = 4.0  # standard deviations above the mean of permuted verbs, from which on verbs explain answers
SAME = 1e-6  # variance, below which all answers are one window
MOST = 0.5  # share of the variance above which a word that is no verb counts
MUCH = 0.02  # share of the variance beyond permuted verbs, below which verbs explain little
Array = NDArray[np.float64]


class FirstVerb(Portrait):
    """Verbs explain where answers lie, and between queries of one verb answers fit as well if they are permuted.

    Where another word of the query explains more, it is not the verb that answers follow.
    """

    name: ClassVar[str] = "first-verb"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where verbs explain more than permuted ones, and what is asked beyond them gains nothing."""
        found = follows_word(windows)
        if found is None or not found.verb:
            return None
        own, permuted = found.within.own, found.within.own - found.within.mean
        return Trait(
            self.name,
            f"the first verb of the query explains {found.answers:.0%} of where the answers lie (its first, third and "
            f"last word do not explain much more), and {found.truth:.0%} of where the truth lies; between queries of "
            f"one verb, permuted answers fit as well (tIoU {own:.2f} and {permuted:.2f})",
            {"explained": found.answers, "truth explained": found.truth, "verbs": float(found.verbs)}
            | {"gain": found.within.mean, "gain high": found.within.high},
        )


@dataclass(frozen=True, slots=True)
class Followed:
    """How far a word goes: shares of the variance of answers and truths beyond permuted words, and the gain within.

    verb: whether the word is the first verb, else one of `words.OTHERS`
    """

    verb: bool
    answers: float
    truth: float
    verbs: int
    within: Gain


@lru_cache(maxsize=2)
def follows_word(windows: FirstWindows) -> Followed | None:
    """The word that explains most; None where answers vary with more, or with other things, than one word.

    It is the verb, unless another word explains most and leaves less than half as much unexplained: often the two go
    together.
    """
    verb, other = (
        max((one for one in each if one is not None), key=lambda one: one.answers, default=None)
        for each in (
            [_follows([find(query) for query in windows.queries], windows, finders is VERBS) for find in finders]
            for finders in (VERBS, OTHERS)
        )
    )
    if other is None or other.answers <= MOST:
        return verb
    return other if verb is None or 2 * (1 - other.answers) + MUCH < 1 - verb.answers else verb


def _follows(of_queries: list[str], windows: FirstWindows, verb: bool) -> Followed | None:
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
    groups = tuple(each or str(place) for place, each in enumerate(verbs))
    within = gain(windows, groups)
    if within is None or not within.nothing or known_places(windows, groups) or known_lengths(windows, groups):
        return None
    truth, _ = _explained((windows.truth / windows.duration[:, None])[kept], number[kept], rng)
    return Followed(verb, answers, truth, int((count[names != ""] > 1).sum()), within)


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
