"""The moments of standing queries that are going on, and the rules that every event keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from whenabouts.grounders.stream.event import Event, State
from whenabouts.moment import Evidence

__all__ = ["Ledger", "OpenMoment"]


@dataclass(slots=True)
class OpenMoment:
    """A moment that was told of and has not ended."""

    query: str
    number: int
    start: float
    score: float
    evidence: tuple[Evidence, ...] = ()


class Ledger:
    """Numbers the moments of each query, and makes their events.

    A moment is started once, may be updated while it is open, and ends at most once. Methods decide when; this only
    keeps the books, which are as small as the number of open moments.
    """

    def __init__(self) -> None:
        self._open: dict[str, list[OpenMoment]] = {}
        self._told: dict[str, int] = {}  # moments of each query so far

    def open(self, query: str) -> Sequence[OpenMoment]:
        """The moments of a query that are going on, oldest first."""
        return tuple(self._open.get(query, ()))

    def start(
        self, query: str, start: float, score: float, now: float, evidence: tuple[Evidence, ...] = ()
    ) -> tuple[OpenMoment, Event]:
        """A new moment and the event that tells of it. Raises MomentError for times that are none."""
        number = self._told.get(query, 0) + 1
        event = Event(query, number, "started", start, None, score, now, evidence=evidence)
        moment = OpenMoment(query, number, start, score, evidence)
        self._told[query] = number
        self._open.setdefault(query, []).append(moment)
        return moment, event

    def update(
        self,
        moment: OpenMoment,
        now: float,
        *,
        start: float | None = None,
        score: float | None = None,
        evidence: tuple[Evidence, ...] | None = None,
    ) -> Event:
        """What is known better of an open moment."""
        event = _event(moment, "updated", None, now, start=start, score=score, evidence=evidence)
        moment.start, moment.score, moment.evidence = event.start, event.score, event.evidence
        return event

    def end(
        self,
        moment: OpenMoment,
        end: float | None,
        now: float,
        *,
        start: float | None = None,
        score: float | None = None,
        seen_end: bool = True,
    ) -> Event:
        """The last event of a moment. Raises MomentError where it would end before it starts."""
        event = _event(moment, "ended", end, now, start=start, score=score, seen_end=seen_end)
        self._open[moment.query].remove(moment)
        return event

    def break_off(self, moment: OpenMoment, since: float, now: float) -> Event:
        """The last event of a moment whose end nobody sees, because nothing is known from `since` on.

        It has no end where the moment starts then or later, as one that was only predicted does.
        """
        return self.end(moment, since if since > moment.start else None, now, seen_end=False)

    def forget(self, query: str) -> None:
        """Drop a query with its open moments; should it be asked again, its numbers go on."""
        self._open.pop(query, None)

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain values, for `restore`."""
        return {
            "told": dict(self._told),
            "open": [asdict(moment) for moments in self._open.values() for moment in moments],
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot."""
        self._told = {str(query): int(count) for query, count in kept["told"].items()}
        self._open = {}
        for row in kept["open"]:
            evidence = tuple(Evidence(**each) for each in row["evidence"])
            moment = OpenMoment(row["query"], row["number"], row["start"], row["score"], evidence)
            self._open.setdefault(moment.query, []).append(moment)


def _event(
    moment: OpenMoment,
    state: State,
    end: float | None,
    now: float,
    *,
    start: float | None,
    score: float | None,
    evidence: tuple[Evidence, ...] | None = None,
    seen_end: bool = True,
) -> Event:
    """What is told of a moment; None leaves what is known of it."""
    return Event(
        moment.query,
        moment.number,
        state,
        moment.start if start is None else start,
        end,
        moment.score if score is None else score,
        now,
        seen_end=seen_end,
        evidence=moment.evidence if evidence is None else evidence,
    )
