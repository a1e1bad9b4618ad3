"""Scores of kinds of queries: by length and place of the moment, by the words, by how many moments there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts
from whenabouts.evaluation.report import LENGTHS
from whenabouts.metrics.bootstrap import Interval
from whenabouts.query import EVERY, ParsedQuery, parse_query
from whenabouts.query.verbs import first_verb

__all__ = ["Group", "groups"]

PLACES = {"first third": (0.0, 1 / 3), "middle third": (1 / 3, 2 / 3), "last third": (2 / 3, np.inf)}
WORDS = ((0, 5, "up to 5 words"), (6, 10, "6 – 10 words"), (11, 15, "11 – 15 words"), (16, np.inf, "over 15 words"))
VERBS, FEWEST_OF_VERB = 10, 20  # first verbs, the most frequent, and the queries that one needs
FEWEST = 5  # queries of which scores are told
WORD = re.compile(r"[\w']+")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """Queries of one kind: `recall` in per cent with a 95 % interval over videos, mIoU in per cent.

    blind: the recall that the constant window has on them; None where no duration is known
    """

    by: str
    name: str
    queries: int
    recall: Interval
    miou: float
    blind: float | None


def groups(facts: Facts) -> tuple[Group, ...]:
    """Every kind with enough queries, in the order of a report; see `FEWEST`."""
    found = []
    right, blind = facts.hit.astype(np.float64) * 100, facts.blind_iou
    for by, name, among in _kinds(facts):
        if (count := int(among.sum())) < FEWEST:
            continue
        known = among & ~np.isnan(blind)
        guessed = 100 * float((blind[known] >= facts.threshold).mean()) if known.any() else None
        recall = facts.resampling.mean(right, among)
        found.append(Group(by, name, count, recall, 100 * float(facts.iou[among].mean()), guessed))
    return tuple(found)


def _kinds(facts: Facts) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    lengths, middle = _moments(facts)
    yield from _bounded("length", lengths, LENGTHS)
    for name, (low, high) in PLACES.items():
        yield "place", name, (middle >= low) & (middle < high)
    count = np.minimum(facts.moments, 4)
    for number in range(1, 5):
        told = ("1 moment", "2 moments", "3 moments", "4 moments or more")[number - 1]
        yield "moments", told, count == number
    words = np.array([len(WORD.findall(e.query)) for e in facts.examples])
    for low, high, name in WORDS:
        yield "words", name, (words >= low) & (words <= high)
    verbs = [first_verb(e.query) for e in facts.examples]
    for verb, often in Counter(verbs).most_common(VERBS + 1):
        if verb and often >= FEWEST_OF_VERB:
            yield "verb", verb, np.array([verb == other for other in verbs], bool)
    read = [parse_query(e.query) for e in facts.examples]
    for name, held in WORDINGS.items():
        yield "wording", name, np.array([held(one) for one in read], bool)


def _moments(facts: Facts) -> tuple[Floats, Floats]:
    """By query the mean length of its true moments, and where the middle of the longest lies, in shares of the video.

    Both are of the query alone, so that two systems have the same groups.
    """
    lengths, middles = [], []
    for e in facts.examples:
        spans = e.windows[:, 1] - e.windows[:, 0]
        lengths.append(float(spans.mean()))
        middles.append(float(e.windows[int(np.argmax(spans))].mean()))
    return np.array(lengths), np.array(middles) / facts.duration


def _bounded(by: str, values: Floats, bounds: tuple[float | None, ...]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    low = 0.0
    for high in bounds:
        name = f"over {low:g} s" if high is None else f"{low:g} – {high:g} s"
        yield by, name, (values > low) & (values <= (np.inf if high is None else high))
        low = high or low


def _plain(read: ParsedQuery) -> bool:
    asked = read.asks is not None or read.count or read.negated
    return read.plain and not asked and read.kind not in ("said", "heard", "written")


WORDINGS: dict[str, Callable[[ParsedQuery], bool]] = {
    "an occurrence, such as the second": lambda read: read.which not in (None, EVERY),
    "every occurrence": lambda read: read.which == EVERY,
    "a relation, such as before": lambda read: read.relation is not None,
    "a negation": lambda read: read.negated,
    "a question": lambda read: read.asks is not None or read.count,
    "something said": lambda read: read.kind == "said",
    "something heard": lambda read: read.kind == "heard",
    "something written": lambda read: read.kind == "written",
    "none of these": _plain,
}
