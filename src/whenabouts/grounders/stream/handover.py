"""Open moments handed over from window to window of a stream, so that each is told of once, whatever is found anew.

A grounder that looks at one window after another finds a moment again and again, each time a little otherwise: cut off
at the right edge while it goes on, at the left edge when the window has moved past its start, and whole in between.
One that goes by contrast finds little, or only scraps, of what fills most of its window. Here what it finds is matched
with what was told before: no two moments that are told of overlap, and no end is taken for seen that lies before what
was seen to go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.ledger import Ledger, OpenMoment
from whenabouts.moment import Moment

__all__ = ["HandOver", "Rules", "Window"]

Window = tuple[float, float]  # seconds on the clock of the stream

SAME = 0.5  # of a moment: from there it is one that is known
FILLS = 0.5  # of a window: from there a moment that is not found may well go on
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
    patience:  looks in a row that do not find an open moment, until it is taken for ended, unseen; one that would fill
               half of the window stays open until the window has left what was seen of it
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
        matched = self._match(opened, likely, window)
        events: list[Event] = []
        for moment in opened:
            again = matched.get(moment.number)
            told = self._miss(moment, window, now) if again is None else self._continue(moment, again, window, now)
            events += told
        unclear = [moment.start for moment in self.ledger.open(self.query) if moment.number not in matched]
        for each in likely:
            known = any(each is again for again in matched.values())
            waits = any(each.end > start for start in unclear)  # until it is known whether that one goes on
            if each.score >= self.rules.threshold and not known and not waits:
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

    def _match(self, opened: Sequence[OpenMoment], likely: Sequence[Moment], window: Window) -> dict[int, Moment]:
        """For the number of an open moment what is the same in the new window, and starts nearest."""
        pairs = sorted(
            (abs(max(moment.start, window[0]) - each.start), moment.number, k)
            for moment in opened
            for k, each in enumerate(likely)
            if self._same(moment, each, window)
        )
        matched: dict[int, int] = {}
        for _, number, k in pairs:
            if number not in matched and k not in matched.values():
                matched[number] = k
        return {number: likely[k] for number, k in matched.items()}

    def _same(self, moment: OpenMoment, each: Moment, window: Window) -> bool:
        """Whether it holds half of what was seen of an open moment, and does not end before that, but for `settle`."""
        start, reached = max(moment.start, window[0]), self._end_of(moment)
        begin, end = each.start - self.rules.settle, each.end + self.rules.settle
        half = start >= reached or reached - max(begin, start) >= SAME * (reached - start)
        return begin <= reached <= end and half

    def _continue(self, moment: OpenMoment, again: Moment, window: Window, now: float) -> list[Event]:
        """An open moment was found again: it ends, or goes on and may be known better."""
        left, right = window
        cut_off = moment.start <= again.start <= left + self.rules.settle  # then its start was known better before
        over = any(again.start < end <= moment.start for _, end in self._ended)  # it is found as one with another
        start = moment.start if cut_off or over else again.start
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
        """An open moment was not found again: nobody saw it end; it goes on, or is not there any more."""
        left, right = window
        missed = self._missed[moment.number] = self._missed.get(moment.number, 0) + 1
        seen_until = self._end_of(moment)
        fills = right - max(moment.start, left) >= FILLS * (right - left)
        if seen_until > left and (fills or missed < self.rules.patience):
            return []
        event = self.ledger.break_off(moment, seen_until, now)
        self._forget(event)
        return [event]

    def _begin(self, each: Moment, window: Window, now: float) -> list[Event]:
        """A moment that matches no open one: new, unless half of it was told of already; what was told is cut off."""
        known = [*self._ended, *((m.start, self._end_of(m)) for m in self.ledger.open(self.query))]
        before = (stop for begin, stop in known if begin < each.end - self.rules.settle and stop > each.start)
        start = max([each.start, *before])
        end = min([each.end, *(begin for begin, stop in known if stop > start)])
        if end - start < max(SAME * each.duration, SHORTEST):
            return []
        moment, event = self.ledger.start(self.query, start, _sure(each), now, each.evidence)
        if end >= window[1] - self.rules.settle:
            self._reached[moment.number] = window[1]
            return [event]
        return [event, self._end(moment, end, now)]

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
