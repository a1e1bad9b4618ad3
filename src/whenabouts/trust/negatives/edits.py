"""Change an English sentence so that it says something else of the same form: words of the lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from random import Random
from typing import NamedTuple

from whenabouts.query.content import content_words
from whenabouts.trust.negatives.lexicon import ATTRIBUTES, PLACES, SAME, THINGS, VERBS

__all__ = ["Place", "changed", "meant", "places"]

_NOUN_FOLLOWS = re.compile(
    r"\s+(?!(?:of|on|in|at|to|from|for|with|and|or|by|into|onto|out|up|down|off|over|then|while|before|after|is|are|the|a|"
    r"an|as|that|it|them|under|next|near|beside|behind|through)\b)\w",
    re.IGNORECASE,
)


class Place(NamedTuple):
    """Where a sentence can be changed: characters [start, end), the kind of change, and what else may stand there."""

    start: int
    end: int
    kind: str
    others: tuple[str, ...]


def places(sentence: str, *, said: frozenset[str] = frozenset()) -> list[Place]:
    """Where the lexicon knows other words, in order, without overlaps; `said`: stems that must not be put in.

    Nor is a word that may mean the same as one of these, or as one of the sentence.
    """
    found: list[Place] = []
    said = meant(said | content_words(sentence))
    for match in _pattern().finditer(sentence):
        attribute = _NOUN_FOLLOWS.match(sentence, match.end())
        for kind, others in _alternatives()[match[0].lower()].items():
            fitting = tuple(other for other in others if not content_words(other) & said)
            if fitting and (attribute or kind not in ATTRIBUTES):
                found.append(Place(match.start(), match.end(), kind, fitting))
                break
    return found


def meant(said: frozenset[str]) -> frozenset[str]:
    """The stems, and those of all words that may mean the same.

    >>> sorted(meant(frozenset({"gray"})))
    ['gray', 'grey']
    """
    return said.union(*(group for group in _same() if group & said))


def changed(sentence: str, chosen: Sequence[Place], chance: Random) -> str:
    """The sentence with another word at every chosen place, its articles in agreement."""
    text, used = sentence, set[str]()
    for place in sorted(chosen, reverse=True):
        fresh = [other for other in place.others if other not in used] or list(place.others)
        other = chance.choice(fresh)
        used.add(other)
        text = text[: place.start] + other + text[place.end :]
    text = re.sub(r"\b(a)(n?)(?=\s+(\w))", _article, text, flags=re.IGNORECASE)
    return text[:1].upper() + text[1:] if sentence[:1].isupper() else text


def _article(match: re.Match[str]) -> str:
    return match[1] + ("n" if match[3].lower() in "aeio" or (match[2] and match[3].lower() == "u") else "")


def _groups() -> Iterator[tuple[str, tuple[str, ...]]]:
    for kind, groups in ATTRIBUTES.items():
        yield from ((kind, group) for group in groups)
    yield from (("place", group) for group in PLACES)
    yield from (("thing", group) for group in THINGS)


@cache
def _alternatives() -> dict[str, dict[str, tuple[str, ...]]]:
    """By phrase and kind, what else may stand there: all of its group for attributes and places, else the others."""
    known: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind, group in _groups():
        heads = group[:1] if kind == "thing" else group
        for phrase in heads:
            known.setdefault(phrase, {}).setdefault(kind, tuple(other for other in group if other != phrase))
    for first, *rest in VERBS:
        for form, phrase in enumerate(first):
            known.setdefault(phrase, {}).setdefault("action", tuple(other[form] for other in rest))
    return known | {"gray": known["grey"]}  # one colour, so that the lexicon has it once


@cache
def _same() -> tuple[frozenset[str], ...]:
    return tuple(frozenset[str]().union(*map(content_words, group)) for group in SAME)


@cache
def _pattern() -> re.Pattern[str]:
    phrases = sorted(_alternatives(), key=lambda phrase: (-len(phrase), phrase))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b", re.IGNORECASE)
