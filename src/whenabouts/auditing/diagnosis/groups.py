"""Scores of kinds of queries: by length and place of the moment, by the words, by how many moments there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts
from whenabouts.auditing.kinds import by_length, by_moments, by_place, by_words
from whenabouts.metrics.bootstrap import Interval
from whenabouts.query import EVERY, ParsedQuery, parse_query
from whenabouts.query.verbs import first_verb

__all__ = ["Group", "groups"]

PARTS = {"length": by_length, "place": by_place, "moments": by_moments, "words": by_words}
VERBS, FEWEST_OF_VERB = 10, 20  # first verbs, the most frequent, and the queries that one needs
FEWEST = 5  # queries of which scores are told


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
    blind = facts.blind_iou
    for by, name, among in _kinds(facts):
        if (count := int(among.sum())) < FEWEST:
            continue
        known = among & ~np.isnan(blind)
        guessed = 100 * float((blind[known] >= facts.threshold).mean()) if known.any() else None
        recall = facts.percent(facts.hit, among)
        found.append(Group(by, name, count, recall, 100 * float(facts.iou[among].mean()), guessed))
    return tuple(found)


def _kinds(facts: Facts) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    for by, part in PARTS.items():
        for name, among in part(facts.examples).items():
            yield by, name, among
    verbs = [first_verb(e.query) for e in facts.examples]
    for verb, often in Counter(verbs).most_common(VERBS + 1):
        if verb and often >= FEWEST_OF_VERB:
            yield "verb", verb, np.array([verb == other for other in verbs], bool)
    read = [parse_query(e.query) for e in facts.examples]
    for name, held in WORDINGS.items():
        yield "wording", name, np.array([held(one) for one in read], bool)


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
