"""Constraints of a query over moments: the first, the last, every one; after, before, between, while, until."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.moment import Moment
from whenabouts.prediction import LIKE_BEST
from whenabouts.query import EVERY, ParsedQuery

__all__ = ["CUE", "beside", "constrain", "occurrences"]

ONE_OCCURRENCE = 3.0  # seconds; what follows within them, as a question and its answer do, is the same occurrence
CUE = ("[", "(", "♪", "（", "【")  # begin lines that describe a sound, as in "[Applause]"
SLACK = 0.5  # seconds by which events that follow each other may overlap
BESIDE = 10.0  # seconds of what stands directly before or after an event


def constrain(query: ParsedQuery, moments: Sequence[Moment], anchors: Sequence[Sequence[Moment]]) -> list[Moment]:
    """What of `moments` is left, best first or, for `every`, in order of time.

    `anchors`: the moments of each anchor, best first; where one was not found nothing is known, and nothing is left.
    """
    kept = _related(query, list(moments), anchors)
    if query.which is None or not kept:
        return kept
    times = occurrences(kept)
    if query.which == EVERY:
        return times
    place = query.which - 1 if query.which > 0 else query.which
    return [times[place]] if -len(times) <= place < len(times) else []


def occurrences(moments: Sequence[Moment]) -> list[Moment]:
    """In order of time the moments that are as good as one occurrence; of those in a row the best stands for all.

    They share a kind of evidence with the best one: pictures that look like it do not count among words that say it.
    """
    best = max(moments, key=lambda moment: moment.score)
    kinds = {evidence.kind for evidence in best.evidence}
    alike = [m for m in moments if not kinds or not m.evidence or kinds & {evidence.kind for evidence in m.evidence}]
    found: list[Moment] = []
    end = 0.0
    for moment in sorted(alike, key=lambda moment: moment.start):
        if moment.score < LIKE_BEST * best.score:
            continue
        if found and moment.start <= end + ONE_OCCURRENCE:
            found[-1] = max(found[-1], moment, key=lambda one: one.score)
            end = max(end, moment.end)
        else:
            found.append(moment)
            end = moment.end
    return found


def beside(query: ParsedQuery, anchor: Moment, duration: float) -> Moment | None:
    """What stands directly before or after an anchor, for a query that names nothing else; None where nothing does.

    >>> beside(ParsedQuery("", relation="before", anchors=("the break",)), Moment(60.0, 90.0), 120.0)
    Moment(start=50.0, end=60.0, score=1.0, evidence=(), spread=None)
    """
    relation = query.relation or ""
    if relation.endswith("before") or relation == "until":
        start, end = max(0.0, anchor.start - BESIDE), anchor.start
    elif relation.endswith("after"):
        start, end = anchor.end, min(duration, anchor.end + BESIDE)
    else:
        start, end = anchor.start, anchor.end
    return Moment(start, end, anchor.score) if start < end else None


def _related(query: ParsedQuery, moments: list[Moment], anchors: Sequence[Sequence[Moment]]) -> list[Moment]:
    if query.relation is None:
        return moments
    if not all(anchors):
        return []
    first = anchors[0][0]
    if query.relation == "while":
        return [m for m in moments if any(m.start < a.end and a.start < m.end for a in anchors[0])]
    if query.relation == "until":
        before = [m for m in moments if m.start < first.start]
        return [Moment(m.start, max(first.start, m.start + SLACK), m.score, m.evidence) for m in before]
    if query.relation == "between":
        low, high = sorted((first, anchors[1][0]), key=lambda moment: moment.start)
        return [m for m in moments if m.start >= low.end - SLACK and m.end <= high.start + SLACK]
    if query.relation.endswith("after"):
        later = [m for m in moments if m.start >= first.end - SLACK]
        return occurrences(later)[:1] if query.relation == "right after" and later else later
    earlier = [m for m in moments if m.end <= first.start + SLACK]
    return occurrences(earlier)[-1:] if query.relation == "right before" and earlier else earlier
