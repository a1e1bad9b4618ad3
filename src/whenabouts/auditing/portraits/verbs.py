"""Ways to find the first verb of a query: by a list of verbs, by its ending, by its place after the subject."""

from __future__ import annotations

import re
from collections.abc import Callable

from whenabouts.query import verbs

__all__ = ["FINDERS", "first_verb"]


def first_verb(query: str) -> str:
    """The base form of the first verb that is known, "" without one."""
    return verbs.first_verb(query) or ""


def _by_ending(query: str) -> str:
    """The first word after another that ends as verbs do, for verbs that are in no list."""
    words = re.findall(r"[a-z']+", query.lower())
    return next((word for word in words[1:] if re.search(r"(ing|ed|[^s]s)$", word)), "")


def _second_word(query: str) -> str:
    """The word after the subject, in sentences such as "person opens door"."""
    return [*query.lower().split(), "", ""][1]


FINDERS: tuple[Callable[[str], str], ...] = (first_verb, _by_ending, _second_word)
