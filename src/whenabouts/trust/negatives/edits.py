"""Change an English sentence so that it says something else of the same form: words of the lexicon, or the order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from random import Random
from typing import NamedTuple

from whenabouts.query.content import content_words
from whenabouts.trust.negatives.lexicon import ATTRIBUTES, PLACES, THINGS, VERBS

__all__ = ["Place", "changed", "places", "reordered"]

LEAST = 2  # words before "before" that make a sentence
_SUBJECT = re.compile(
    r"((?:(?:a|an|the|one|two|his|her|another)\s+)?(?:\w+\s+)?"
    r"(?:person|man|woman|boy|girl|lady|guy|child|people|men|women|dog|cat)|he|she|they|someone)\s+",
    re.IGNORECASE,
)
_THEN = re.compile(r",?\s+(?:and\s+)?then\s+", re.IGNORECASE)
_BEFORE = re.compile(r"\b(before|after)\b(?=\s+\w+ing\b|\s+(?:he|she|they|the|a)\b)", re.IGNORECASE)
_NOUN_FOLLOWS = re.compile(
    r"\s+(?!(?:of|on|in|at|to|from|for|with|and|or|by|into|onto|out|up|down|off|over|then|while|before|after|is|are|the|a|"
    r"an|as|that|it|them|under|next|near|beside|behind|through)\b)\w",
    re.IGNORECASE,
)
_OTHER = {"before": "after", "after": "before"}


class Place(NamedTuple):
    """Where a sentence can be changed: characters [start, end), the kind of change, and what else may stand there."""

    start: int
    end: int
    kind: str
    others: tuple[str, ...]


def places(sentence: str, *, said: frozenset[str] = frozenset()) -> list[Place]:
    """Where the lexicon knows other words, in order, without overlaps; `said`: stems that must not be put in."""
    found: list[Place] = []
    for match in _pattern().finditer(sentence):
        attribute = _NOUN_FOLLOWS.match(sentence, match.end())
        for kind, others in _alternatives()[match[0].lower()].items():
            fitting = tuple(other for other in others if not content_words(other) & said)
            if fitting and (attribute or kind not in ATTRIBUTES):
                found.append(Place(match.start(), match.end(), kind, fitting))
                break
    return found


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


def reordered(sentence: str) -> str | None:
    """What happens in the other order; None where no order is said that can be turned around.

    >>> reordered("A man sits down and then opens a book.")
    'A man opens a book then sits down.'
    >>> reordered("The woman waves before entering the car")
    'The woman waves after entering the car'
    """
    body = sentence.rstrip(" .!")
    end = sentence[len(body) :]
    parts = _THEN.split(body)
    if len(parts) == 2 and all(parts):
        first, second = parts
        subject, own = _SUBJECT.match(first), _SUBJECT.match(second)
        if own is not None:
            return f"{second[:1].upper() if first[:1].isupper() else second[:1]}{second[1:]} then {_lower(first)}{end}"
        if subject is not None and len(first) > subject.end():
            return f"{subject[0]}{second} then {first[subject.end() :]}{end}"
        return None
    matches = list(_BEFORE.finditer(body))
    if len(matches) != 1 or len(body[: matches[0].start()].split()) < LEAST:
        return None
    match = matches[0]
    return f"{body[: match.start()]}{_OTHER[match[0].lower()]}{body[match.end() :]}{end}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


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
    return known


@cache
def _pattern() -> re.Pattern[str]:
    phrases = sorted(_alternatives(), key=lambda phrase: (-len(phrase), phrase))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b", re.IGNORECASE)
