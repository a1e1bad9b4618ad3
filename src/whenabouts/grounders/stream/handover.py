"""Open moments handed over from window to window of a stream, so that each is told of once, whatever is found anew.

A grounder that looks at one window after another finds a moment again and again, each time a little otherwise: cut off
at the right edge while it goes on, at the left edge when the window has moved past its start, and whole in between.
Here what it finds is matched with what was told before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.ledger import Ledger, OpenMoment
from whenabouts.moment import Moment, intersection, merge

__all__ = ["HandOver", "Rules", "Window"]

Window = tuple[float, float]  # seconds on the clock of the stream

SAME = 0.5  # of a moment: from there it is one that is known
STAYS = 0.5  # of the threshold: what an open moment may score and stay open
REVISED_SECONDS, REVISED_SCORE = 1.0, 0.1  # from which an open moment is told of anew
MOST_ENDED = 256  # moments of a query that are remembered after they ended
SHORTEST = 1e-3  # seconds


@dataclass(frozen=True, slots=True)
class Rules:
    """When moments start and end; the defaults are ours.

    threshold: score from which a moment is told of; an open one stays open with half of it
    settle:    seconds before the right edge of a window in which an end is taken for the edge; likewise a start within
               as many seconds after its left edge
    patience:  looks in a row that do not find an open moment, until it is taken for ended
    """

    threshold: float = 0.5
    settle: float = 2.0
    patience: int = 2


class HandOver:
    """The moments of one query, told of by `ledger`; it remembers those that may still be found in the next window."""

    def __init__(self, query: str, ledger: Ledger, rules: Rules) -> None:
        self.query, self.ledger, self.rules = query, ledger, rules
        self._reached: dict[int, float] = {}  # by number of an open moment: until where it was seen to go on
        self._missed: dict[int, int] = {}
        self._ended: deque[Window] = deque(maxlen=MOST_ENDED)

    def take(self, found: Sequence[Moment], window: Window, now: float) -> list[Event]:
        """The events of one look: `found` are all moments of the window, on the clock of the stream."""
        while self._ended and self._ended[0][1] <= window[0]:
            self._ended.popleft()
        likely = _apart([each for each in found if each.score >= self.rules.threshold * STAYS])
        opened = self.ledger.open(self.query)
        matched = self._match(opened, likely, window[0])
        events: list[Event] = []
        for moment in opened:
            again = matched.get(moment.number)
            told = self._miss(moment, window, now) if again is None else self._continue(moment, again, window, now)
            events += told
        for each in likely:
            if each.score >= self.rules.threshold and not any(each is again for again in matched.values()):
                events += self._begin(each, window, now)
        return events

    def forget(self) -> None:
        """Remember nothing of what was found: the next window shows nothing of it."""
        self._reached.clear()
        self._missed.clear()
        self._ended.clear()

    def snapshot(self) -> dict[str, Any]:
        """What was found, as plain values."""
        return {
            "reached": [[number, end] for number, end in self._reached.items()],
            "ended": [list(window) for window in self._ended],
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot."""
        self._reached = {int(number): float(end) for number, end in kept["reached"]}
        self._ended.extend((float(start), float(end)) for start, end in kept["ended"])

    def _match(self, opened: Sequence[OpenMoment], likely: Sequence[Moment], left: float) -> dict[int, Moment]:
        """For the number of an open moment what is the same in the new window: what overlaps and starts nearest."""
        pairs = sorted(
            (abs(max(moment.start, left) - each.start), moment.number, k)
            for moment in opened
            for k, each in enumerate(likely)
            if each.start <= self._end_of(moment) + self.rules.settle and each.end >= moment.start - self.rules.settle
        )
        matched: dict[int, int] = {}
        for _, number, k in pairs:
            if number not in matched and k not in matched.values():
                matched[number] = k
        return {number: likely[k] for number, k in matched.items()}

    def _continue(self, moment: OpenMoment, again: Moment, window: Window, now: float) -> list[Event]:
        """An open moment was found again: it ends, or goes on and may be known better."""
        left, right = window
        cut_off = again.start <= left + self.rules.settle  # then its start was known better before
        before = max((end for _, end in self._ended if end <= moment.start), default=0.0)
        start = moment.start if cut_off else max(again.start, before)
        if again.end >= right - self.rules.settle:
            self._reached[moment.number] = right
            self._missed.pop(moment.number, None)
            start = min(start, right - SHORTEST)
            revised = abs(start - moment.start) > REVISED_SECONDS or abs(again.score - moment.score) > REVISED_SCORE
            return [self.ledger.update(moment, now, start=start, score=_sure(again))] if revised else []
        if again.end <= start:
            return self._miss(moment, window, now)
        return [self._end(moment, again.end, now, start=start, score=_sure(again))]

    def _miss(self, moment: OpenMoment, window: Window, now: float) -> list[Event]:
        """An open moment was not found again: nobody saw it end, but it is not there any more."""
        missed = self._missed[moment.number] = self._missed.get(moment.number, 0) + 1
        seen_until = self._end_of(moment)
        if seen_until > window[0] and missed < self.rules.patience:
            return []
        event = self.ledger.break_off(moment, seen_until, now)
        self._forget(event)
        return [event]

    def _begin(self, each: Moment, window: Window, now: float) -> list[Event]:
        """A moment that matches no open one: new, unless most of it was told of already."""
        known = [*self._ended, *((m.start, self._end_of(m)) for m in self.ledger.open(self.query))]
        if known and intersection([each.start, each.end], merge(known)).sum() >= SAME * each.duration:
            return []
        start = max([each.start, *(end for begin, end in known if begin <= each.start < end < each.end)])
        moment, event = self.ledger.start(self.query, start, _sure(each), now, each.evidence)
        if each.end >= window[1] - self.rules.settle:
            self._reached[moment.number] = window[1]
            return [event]
        return [event, self._end(moment, each.end, now)]

    def _end(self, moment: OpenMoment, end: float, now: float, **known: Any) -> Event:
        event = self.ledger.end(moment, end, now, **known)
        self._forget(event)
        return event

    def _forget(self, ended: Event) -> None:
        self._reached.pop(ended.number, None)
        self._missed.pop(ended.number, None)
        if ended.end is not None:
            self._ended.append((ended.start, ended.end))

    def _end_of(self, moment: OpenMoment) -> float:
        return self._reached.get(moment.number, moment.start)


def _apart(found: Sequence[Moment]) -> list[Moment]:
    """Best first, without those that share half of the shorter one with a better one."""
    kept: list[Moment] = []
    for each in sorted(found, key=lambda moment: -moment.score):
        shared = (min(each.end, other.end) - max(each.start, other.start) for other in kept)
        shorter = (min(each.duration, other.duration) for other in kept)
        if all(both < SAME * length for both, length in zip(shared, shorter, strict=True)):
            kept.append(each)
    return kept


def _sure(moment: Moment) -> float:
    """The score of a moment in [0, 1], as events have it; some heads score beyond."""
    return min(1.0, max(0.0, moment.score))
