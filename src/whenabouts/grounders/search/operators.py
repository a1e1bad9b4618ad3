"""Constraints of a query over moments: the first, the last, every one; after, before, between, while, until."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.moment import Moment
from whenabouts.query import EVERY, ParsedQuery

__all__ = ["constrain"]

LIKE_BEST = 0.5  # of the best score; from there a moment counts as an occurrence
SLACK = 0.5  # seconds by which events that follow each other may overlap


def constrain(query: ParsedQuery, moments: Sequence[Moment], anchors: Sequence[Sequence[Moment]]) -> list[Moment]:
    """What of `moments` is left, best first or, for `every`, in order of time.

    `anchors`: the moments of each anchor, best first; where one was not found nothing is known, and nothing is left.
    """
    kept = _related(query, list(moments), anchors)
    if query.which is None or not kept:
        return kept
    best = max(moment.score for moment in kept)
    times = sorted((m for m in kept if m.score >= LIKE_BEST * best), key=lambda moment: moment.start)
    if query.which == EVERY:
        return times
    place = query.which - 1 if query.which > 0 else query.which
    return [times[place]] if place < len(times) else []


def _related(query: ParsedQuery, moments: list[Moment], anchors: Sequence[Sequence[Moment]]) -> list[Moment]:
    if query.relation is None:
        return moments
    if not all(anchors):
        return []
    if query.relation == "while":
        return [m for m in moments if any(m.start < a.end and a.start < m.end for a in anchors[0])]
    first = anchors[0][0]
    if query.relation in {"after", "right after"}:
        return [m for m in moments if m.start >= first.end - SLACK]
    if query.relation in {"before", "right before"}:
        return [m for m in moments if m.end <= first.start + SLACK]
    if query.relation == "until":
        before = [m for m in moments if m.start < first.start]
        return [Moment(m.start, max(first.start, m.start + SLACK), m.score, m.evidence) for m in before]
    second = anchors[1][0]
    low, high = sorted((first, second), key=lambda moment: moment.start)
    return [m for m in moments if m.start >= low.end - SLACK and m.end <= high.start + SLACK]
