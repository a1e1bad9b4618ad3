"""From queries to plain events that a model can be asked, and from their moments back to what the queries ask.

"the second time she laughs after the break" asks a model for two events, "she laughs" and "the break"; which laugh is
meant is then decided among all that were found. This is done here for every grounder alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from whenabouts.grounders.occurrences import CUE, beside, constrain
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import LIKE_BEST, Prediction
from whenabouts.query import EVERY, ParsedQuery, parse_query

__all__ = ["Beside", "Questions"]

Beside = Callable[[ParsedQuery, Moment, float], Moment | None]  # query, anchor and duration, as `beside` takes them
MEASURED = {"signal", "heard"}  # kinds of evidence that show an event itself, while words may only speak of it
DEEPEST = 3  # anchors within anchors that are read; a text that goes on further is an event


@dataclass(frozen=True, slots=True)
class Questions:
    """Queries, and how each of them and of their anchors is read."""

    queries: tuple[str, ...]
    parsed: Mapping[str, ParsedQuery]

    @classmethod
    def of(cls, queries: Sequence[str], read: Callable[[str], ParsedQuery] = parse_query) -> Questions:
        """Take queries apart with `read`, and what they name as well."""
        parsed: dict[str, ParsedQuery] = {}
        for query in queries:
            _parse(query, parsed, DEEPEST, read)
        return cls(tuple(queries), parsed)

    @property
    def events(self) -> list[str]:
        """The events to ask for, each once."""
        return list(dict.fromkeys(event for query in self.queries for event in self._events(query)))

    def answers(self, found: Sequence[Prediction], *, beside: Beside = beside) -> list[Prediction]:
        """The answers to the queries from those to `events`.

        `beside` says what a query means that names only an anchor, such as "before the break".
        """
        by_event = {answer.query: answer for answer in found}
        return [self._answer(query, by_event, beside) for query in self.queries]

    def _events(self, query: str) -> Iterator[str]:
        read = self.parsed[query]
        if read.event:
            yield read.event
        for anchor in read.anchors:
            yield from self._events(anchor)

    def _answer(self, query: str, found: Mapping[str, Prediction], beside: Beside) -> Prediction:
        read = self.parsed[query]
        unread = tuple(f'"{part}" was not understood and is not applied' for part in read.unread)
        if read.plain:
            answer = found[read.event]
            return replace(answer, query=query, understood=read, notes=answer.notes + unread)
        anchors = [self._answer(anchor, found, beside) for anchor in read.anchors]
        event = found[read.event] if read.event else replace(anchors[0], moments=(), saliency=None)
        answer = replace(event, query=query, understood=read, trace=_joined(read, event, *anchors))
        missing = [anchor for anchor in anchors if anchor.absent or not anchor.moments]
        if missing:
            note = f'"{missing[0].query}" was not found, so what stands {read.relation} it is not known'
            presence = None if missing[0].presence is None else min(missing[0].presence, event.presence or 0.0)
            return replace(answer, moments=(), presence=presence, notes=(*answer.notes, *unread, note))
        if read.event:
            moments = constrain(read, event.moments, [_itself_first(anchor.moments) for anchor in anchors])
        else:
            first = [_itself_first(anchor.moments)[0] for anchor in anchors]
            near = _stretch(*first) if len(first) == 2 else beside(read, first[0], event.duration)
            moments = [near] if near else []
        notes = (*answer.notes, *unread, *_told(read, event, moments))
        return replace(answer, moments=tuple(moments), presence=_presence(event, moments), notes=notes)


def _parse(
    query: str, parsed: dict[str, ParsedQuery], depth: int, read: Callable[[str], ParsedQuery] = parse_query
) -> None:
    if query in parsed:
        return
    found = read(query)
    parsed[query] = found if depth and (found.event or found.anchors) else ParsedQuery(query)
    for anchor in parsed[query].anchors:
        _parse(anchor, parsed, depth - 1)


def _itself_first(moments: Sequence[Moment]) -> list[Moment]:
    """The moments of an anchor, with what was measured before talk of it: a break begins after it was announced."""
    likely = [moment for moment in moments if moment.score >= LIKE_BEST * moments[0].score]
    measured = [moment for moment in likely if any(_is_event_itself(evidence) for evidence in moment.evidence)]
    return [*measured, *(moment for moment in moments if moment not in measured)]


def _is_event_itself(evidence: Evidence) -> bool:
    return evidence.kind in MEASURED or (evidence.text or "").startswith(CUE)


def _stretch(one: Moment, other: Moment) -> Moment | None:
    """What lies between two moments; None where they follow each other at once."""
    low, high = sorted((one, other), key=lambda moment: moment.start)
    return Moment(low.end, high.start, min(one.score, other.score)) if low.end < high.start else None


def _joined(read: ParsedQuery, *answers: Prediction) -> tuple[dict[str, Any], ...]:
    """The steps of all answers, each once, after how the query was read; none where no steps are told."""
    steps: list[dict[str, Any]] = []
    for answer in answers:
        steps += [step for step in answer.trace if step not in steps]
    understand = {"step": "understand", "event": read.event, "which": read.which, "relation": read.relation}
    return ({**understand, "anchors": list(read.anchors)}, *steps) if steps else ()


def _presence(event: Prediction, moments: Sequence[Moment]) -> float | None:
    """How likely the constrained event is: no likelier than the event, nor than the moments that are left."""
    if event.presence is None or not moments:
        return event.presence if event.presence is None else 0.0
    return min(event.presence, max(moment.score for moment in moments)) if event.moments else event.presence


def _told(read: ParsedQuery, event: Prediction, moments: Sequence[Moment]) -> list[str]:
    """How many occurrences there are, where the query counts them."""
    if read.which is None or event.absent or not event.moments:
        return []
    if read.which == EVERY:
        return [f"found {len(moments)} times" if len(moments) != 1 else "found once"] if read.count else []
    return [] if moments else ["it was found less often than the query counts"]
