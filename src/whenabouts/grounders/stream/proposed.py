"""From proposals that come one by one to the events of a query.

A moment is started by a proposal, or earlier by a predicted start; while it is open a better proposal of it takes the
place of the one before; it ends when its proposal's end has passed. At most one moment of a query is open.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.ledger import Ledger, OpenMoment

__all__ = ["Proposed", "Rules"]

REMEMBERED = 16  # moments that ended, of which nothing is told again
SAME = 0.5  # share of the shorter of two windows from which they are one moment

Window = tuple[float, float, float]  # start, end, score


@dataclass(frozen=True, slots=True)
class Rules:
    """When a query's moments are told of; all defaults are ours.

    least:     score from which a proposal counts        start: probability from which a predicted start does
    hold:      seconds that an end waits for a better proposal
    give_up:   seconds after which a predicted start that no proposal followed is ended, unseen
    """

    least: float = 0.5
    start: float = 0.7
    hold: float = 0.0
    give_up: float = 60.0


@dataclass(slots=True)
class Proposed:
    """What is known of one query's moments: the best proposal of the open one, when that was told, and what ended."""

    query: str
    best: Window | None = None
    since: float = 0.0
    ended: list[list[float]] = field(default_factory=list)

    def follow(
        self,
        ledger: Ledger,
        rules: Rules,
        proposals: Iterable[Window],
        starts: Iterable[tuple[float, float]],
        now: float,
        seen: float,
        known: float = math.inf,
    ) -> list[Event]:
        """Events of new proposals and predicted starts (time, score), at `now`, when all until `seen` was looked at.

        known: of what would start then or later nothing will be known, so that it is not told of
        """
        events: list[Event] = []
        moved = False
        for start, end, score in sorted(proposals, key=lambda each: -each[2]):
            window = max(start, 0.0), end, min(score, 1.0)
            if score < rules.least or window[0] >= min(end, known) or any(_same(window, each) for each in self.ended):
                continue
            if (moment := self._open(ledger)) and self.best and self.best[1] <= min(seen, window[0]):
                events.append(self._end(ledger, moment, self.best, now))
                moment = None
            if moment is None:
                self.best, moved = window, False
                events.append(self._start(ledger, window[0], window[2], now))
            elif self.best is None:
                if end > moment.start:
                    self.best, moved = window, True
            elif _meet(self.best, window) and window[2] > self.best[2]:
                self.best, moved = window, True
        if (moment := self._open(ledger)) and self.best:
            if self.best[1] + rules.hold <= seen:
                events.append(self._end(ledger, moment, self.best, now))
            elif moved:
                events.append(ledger.update(moment, now, start=self.best[0], score=self.best[2]))
        elif moment:
            if now - self.since > rules.give_up:
                self.best = None
                events.append(ledger.break_off(moment, now, now))
        else:
            events += self._predicted(ledger, rules, [each for each in starts if each[0] < known], now)
        return events

    def _predicted(
        self, ledger: Ledger, rules: Rules, starts: Iterable[tuple[float, float]], now: float
    ) -> list[Event]:
        """A moment by a predicted start, where none is open."""
        after = max((end for _, end in self.ended), default=0.0)
        sure = [(score, time) for time, score in starts if score >= rules.start and time >= after]
        if not sure:
            return []
        score, time = max(sure)
        self.best = None
        return [self._start(ledger, time, min(score, 1.0), now)]

    def _start(self, ledger: Ledger, start: float, score: float, now: float) -> Event:
        self.since = now
        return ledger.start(self.query, start, score, now)[1]

    def _end(self, ledger: Ledger, moment: OpenMoment, window: Window, now: float) -> Event:
        self.best = None
        self.ended = [*self.ended[1 - REMEMBERED :], list(window[:2])]
        return ledger.end(moment, window[1], now, start=window[0], score=window[2])

    def _open(self, ledger: Ledger) -> OpenMoment | None:
        return next(iter(ledger.open(self.query)), None)

    def snapshot(self) -> dict[str, Any]:
        """Plain values that `Proposed(**kept)` takes."""
        return asdict(self)


def _meet(a: Window, b: Window) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _same(a: Window, b: list[float]) -> bool:
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return shared > SAME * min(a[1] - a[0], b[1] - b[0])
