"""Queries that do not happen in a video: those of other videos that share no word with what is said of this one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["negatives_for"]

STOP = "a an the of in on at to and or is are was were be with by for from into it its his her their they he she man"


def negatives_for(video: str, queries: Mapping[str, Sequence[str]], count: int, seed: int = 0) -> list[str]:
    """Up to `count` queries of other videos, in seeded order.

    queries: those that are annotated, by video

    >>> negatives_for("a", {"a": ["a cat jumps"], "b": ["the cat sleeps", "a train arrives"]}, 2)
    ['a train arrives']
    """
    own = {word for query in queries.get(video, ()) for word in _words(query)}
    others = dict.fromkeys(query for name, listed in queries.items() if name != video for query in listed)
    fit = [query for query in others if (words := _words(query)) and not words & own]
    order = np.random.default_rng((seed, *video.encode()[:32])).permutation(len(fit))
    return [fit[number] for number in order[:count]]


def _words(query: str) -> set[str]:
    """The words that carry meaning, without a plural's or a verb's s."""
    return {word.rstrip("s") for word in re.findall(r"\w+", query.casefold()) if word not in STOP.split()}
