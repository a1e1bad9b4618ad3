"""Every time that a text cites, with the clause that says something about it.

    >>> for step in cited("At 2 s she opens the door, and from 0:05 to 0:09 she sits on a sofa."):
    ...     print(step.start, step.end, step.claim)
    1.5 2.5 she opens the door
    5.0 9.0 she sits on a sofa

A range is read as `rewards.parse` reads those of answers. A single time stands for the second around it. Numbers that
nothing marks as a time are none, and a clause that says nothing besides its time gives no step.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from whenabouts.rewards import worded

__all__ = ["AROUND", "Step", "cited"]

AROUND = 1.0  # seconds that a single time stands for; ours
MAX_CHARS = 100_000  # of a text that are read

_TIME_TAG = re.compile(r"<(timestamp|time|t|ts|sec|seconds)>([^<>]{1,40})</\1>", re.IGNORECASE)
_IN_TAG = re.compile(r"<\s?([\d:.]{1,12}\s?(?:seconds?|secs?|s)?(?:\s?(?:-|to)\s?[\d:.]{1,12}\s?(?:seconds?|s)?)?)\s?>")
_TAG = re.compile(r"</?[a-zA-Z_]{1,20}>")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_CLAUSE = re.compile(
    r",\s{1,3}(?=(?:(?:and|then|but|while|finally|later)\s{1,3}){0,3}(?:at|from|between|around|about|by|during)\s)"
    r"|\s(?:and|then|but)\s(?=(?:then\s)?(?:at|from|between|around|by)\s{1,3}[\d\[(])",
    re.IGNORECASE,
)
_NUMBER = r"(?:\d{1,2}:)?\d{1,3}:[0-5]\d(?:\.\d{1,9})?|\d{1,6}(?:\.\d{1,9})?"
_UNIT = r"(?:\s?(?:seconds?|secs?|s|minutes?|mins?|m|hours?|h)\b)"
_LEAD = (
    r"(?:\b(?:from|between|at|around|about|approximately|roughly|by|in|during|until|the|seconds?|times?|t\s?=)\s{1,2})"
)
_POINT = re.compile(
    rf"(?<![\w.:/-])(?:\b(?:at|by|around|seconds?|time|t\s?=)\s{{0,2}}(?P<bare>{_NUMBER})(?P<unit>{_UNIT})?"
    rf"|(?P<clock>(?:\d{{1,2}}:)?\d{{1,3}}:[0-5]\d(?:\.\d{{1,9}})?)|(?P<number>\d{{1,6}}(?:\.\d{{1,9}})?)(?P<of>{_UNIT}))"
    r"(?![\w:])",
    re.IGNORECASE,
)
_MARKED = rf"(?:(?:\d{{1,2}}:)?\d{{1,3}}:[0-5]\d(?:\.\d{{1,9}})?|\d{{1,6}}\.\d{{1,9}}{_UNIT}?|\d{{1,6}}{_UNIT})"
_JOIN = r"\s?(?:-{1,2}>?|–|—|~|→|,|\bto\b|\buntil\b|\bthrough\b|\band\b)\s?"
_CITATION = re.compile(
    rf"(?:{_LEAD}{{0,4}}[\[(]?\s?(?<![\w.:])(?:(?:{_NUMBER}){_UNIT}?{_JOIN}{_LEAD}?(?:{_NUMBER}){_UNIT}?|{_MARKED})"
    rf"|{_LEAD}{{1,4}}(?:{_NUMBER}))\s?[\])]?(?:\s?(?:mark|into the video|of the video))?",
    re.IGNORECASE,
)
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")
_LEADING = re.compile(
    r"^(?:(?:step\s?\d{1,3}|and|then|but|so|while|finally|later|we|i|can|see|that|first|next)\W{1,3}){1,6}",
    re.IGNORECASE,
)
_NOTHING = (
    "a an the and then so is are was be it this that these answer final event moment segment interval window clip "
    "video part happens happen occurs occur takes place starts start begins begin ends end from to at of in on query "
    "time times relevant described thus therefore hence matches match best located"
)
_SAYS_NOTHING = frozenset(_NOTHING.split())


@dataclass(frozen=True, slots=True)
class Step:
    """Something claimed of [start, end), in seconds on the clock of the video."""

    start: float
    end: float
    claim: str


def cited(text: str) -> tuple[Step, ...]:
    """The steps of a text, in its order, without repetition; none of a text that cites no time."""
    steps: dict[Step, None] = {}
    for sentence in _SENTENCE.split(_plain(text[:MAX_CHARS])):
        for clause in _CLAUSE.split(sentence):
            claim = _claim(clause)
            if claim:
                steps |= {Step(start, end, claim): None for start, end in _windows(clause)}
    return tuple(steps)


def _plain(text: str) -> str:
    """Times out of their tags, with a unit where they have none; every other tag ends a clause."""
    text = _TIME_TAG.sub(lambda m: f" {_with_unit(m[2])} ", text)
    text = _IN_TAG.sub(lambda m: f" {_with_unit(m[1])} ", text)
    return _TAG.sub("\n", text)


def _with_unit(time: str) -> str:
    return time if ":" in time or re.search(r"[a-z]\s*$", time, re.IGNORECASE) else f"{time.strip()} s"


def _windows(clause: str) -> list[tuple[float, float]]:
    found = [(start, end) for start, end, unit in worded.ranges(clause) if unit == "s"]
    if not found:
        found = [(max(0.0, time - AROUND / 2), time + AROUND / 2) for time in _points(clause)]
    return [(start, end) for start, end in found if 0 <= start < end and math.isfinite(end)]


def _points(clause: str) -> list[float]:
    written = (
        m["clock"] or f"{m['bare'] or m['number']} {(m['unit'] or m['of'] or '').strip()}".strip()
        for m in _POINT.finditer(clause)
    )
    return [time for text in written if (time := worded.time_of(text)) is not None]


def _claim(clause: str) -> str:
    """A clause without its times; empty where nothing is said besides."""
    bare = _EDGE.sub("", " ".join(_CITATION.sub(" ", clause).split()))
    bare = _EDGE.sub("", _LEADING.sub("", bare))
    bare = re.sub(r"\s+([,.;:])", r"\1", bare)
    words = re.findall(r"[^\W\d_]+", bare.lower())
    return bare if any(word not in _SAYS_NOTHING for word in words) else ""
