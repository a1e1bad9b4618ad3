"""Constraints of a query over moments: the first, the last, every one; after, before, between, while, until."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.moment import Moment
from whenabouts.query import EVERY, Asked

__all__ = ["constrain"]

LIKE_BEST = 0.5  # of the best score; from there a moment counts as an occurrence
SLACK = 0.5  # seconds by which events that follow each other may overlap


def constrain(asked: Asked, moments: Sequence[Moment], anchors: Sequence[Sequence[Moment]]) -> list[Moment]:
    """What of `moments` is left, best first or, for `every`, in order of time.

    `anchors`: the moments of each anchor, best first; where one was not found nothing is known, and nothing is left.
    """
    kept = _related(asked, list(moments), anchors)
    if asked.which is None or not kept:
        return kept
    best = max(moment.score for moment in kept)
    times = sorted((m for m in kept if m.score >= LIKE_BEST * best), key=lambda moment: moment.start)
    if asked.which == EVERY:
        return times
    place = asked.which - 1 if asked.which > 0 else asked.which
    return [times[place]] if place < len(times) else []


def _related(asked: Asked, moments: list[Moment], anchors: Sequence[Sequence[Moment]]) -> list[Moment]:
    if asked.relation is None:
        return moments
    if not all(anchors):
        return []
    if asked.relation == "while":
        return [m for m in moments if any(m.start < a.end and a.start < m.end for a in anchors[0])]
    first = anchors[0][0]
    if asked.relation == "after":
        return [m for m in moments if m.start >= first.end - SLACK]
    if asked.relation == "before":
        return [m for m in moments if m.end <= first.start + SLACK]
    if asked.relation == "until":
        before = [m for m in moments if m.start < first.start]
        return [Moment(m.start, max(first.start, m.start + SLACK), m.score, m.evidence) for m in before]
    second = anchors[1][0]
    low, high = sorted((first, second), key=lambda moment: moment.start)
    return [m for m in moments if m.start >= low.end - SLACK and m.end <= high.start + SLACK]
