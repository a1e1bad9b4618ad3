"""Words of a query that answers may follow: its first verb, as far as it can be found, and others beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from whenabouts.query import verbs

__all__ = ["OTHERS", "VERBS"]

Find = Callable[[str], str]  # "" where the query has no such word
ENDING = re.compile(r"(ing|ed|[^s]s)$")


def _word(place: int) -> Find:
    def find(query: str) -> str:
        words = re.findall(r"[^\W_]+", query.lower())
        return words[place] if len(words) > abs(place) else ""

    return find


def _by_ending(query: str) -> str:
    """For verbs that are in no list."""
    words = re.findall(r"[a-z']+", query.lower())
    return next((word for word in words[1:] if ENDING.search(word)), "")


VERBS: Sequence[Find] = (
    lambda query: verbs.first_verb(query) or "",
    _by_ending,
    _word(1),  # after the subject, as in "person opens door"
)
OTHERS: Sequence[Find] = (_word(0), _word(2), _word(-1))
