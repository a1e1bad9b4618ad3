"""Where a score rises and falls for good, as it comes: one query's curve -> moments that start, and end.

The offline method (`evidence.boundaries`) in causal form. Of the last minutes of the curve the median is how things
usually are, and a moment is what stands out from it by a share of the way to the highest. What lies above that level is
summed up: a large enough sum starts a moment, which began where the sum was last nothing; what lies below it ends the
moment likewise (CUSUM: Page, "Continuous inspection schemes", Biometrika 1954). A cut is the sharpest change there is,
so sums begin anew with every shot. An open moment keeps the level it started with until the next cut, so that it does
not end by becoming usual itself.

The constants were chosen on twelve composed videos of the tuning half at one picture a second; `bench/stream.py`
measures what they give.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from whenabouts.evidence.boundaries import LEVELLING
from whenabouts.grounders.stream.remembered import Remembered

__all__ = ["Change", "Detector", "Rules"]


@dataclass(frozen=True, slots=True)
class Rules:
    """When a change counts; scores are on the scale of the curve. All defaults are ours.

    least:  a curve lower than this starts nothing, however far it stands out
    height: share of the way from the usual to the highest score from which it stands out
    rise:   score · seconds above the level that start a moment
    fall:   score · seconds below it that end one within a shot
    usual:  the score of pictures that have nothing to do with a query
    doubt:  how many of these are supposed to have been seen before the first
    memory: pictures that are remembered
    """

    least: float
    height: float = 0.5
    rise: float = 0.08
    fall: float = 0.1
    usual: float = 0.0
    doubt: int = 5
    memory: int = 600


class Change(NamedTuple):
    """What became of a curve: "started" or "raised", with the start, or "ended", with the end, and the peak so far."""

    what: str
    time: float
    peak: float


@dataclass(slots=True)
class _State:
    """What is known of the shot and of the moment that is open, or may become one.

    start: where it begins     until: where its sum was largest; None: at the end of the newest picture
    sum:   of what lay above the level, in score · seconds; `top` is the largest it was
    """

    open: bool = False
    start: float = 0.0
    until: float | None = None
    level: float = 0.0
    peak: float = 0.0
    sum: float = 0.0
    top: float = 0.0
    shot_sum: float = 0.0
    shot_count: int = 0


class Detector:
    """The state of one query; it is bounded by `Rules.memory`."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.forget()

    @property
    def open(self) -> bool:
        """Whether a moment goes on."""
        return self._state.open

    def forget(self) -> None:
        """Begin as before the first picture."""
        self._state = _State()
        self._past = Remembered(self.rules.memory, [self.rules.usual] * self.rules.doubt)

    def interrupt(self) -> None:
        """Give up what goes on, and keep what is usual."""
        self._state = _State()

    def push(self, value: float, begin: float, seconds: float, *, cut: bool) -> list[Change]:
        """Take in the score of a picture on show from `begin` on for about `seconds`; `cut`: it begins a shot."""
        state, changes = self._state, list[Change]()
        if cut:
            state.shot_sum, state.shot_count = 0.0, 0
        state.shot_sum += value
        state.shot_count += 1
        value = (1 - LEVELLING) * value + LEVELLING * state.shot_sum / state.shot_count
        self._past.add(value)
        usual, highest = self._past.quantile(0.5), self._past.quantile(1.0)
        level = max(self.rules.least, usual + self.rules.height * (highest - usual))
        if cut and state.open:
            state.level = level
            if value < level or state.peak < level:
                changes.append(self._end(begin))
        elif cut:
            state.sum = 0.0
        if not state.open:
            return changes + self._wait(value, level, begin, seconds)
        return changes + self._go_on(value, begin, seconds)

    def _wait(self, value: float, level: float, begin: float, seconds: float) -> list[Change]:
        state = self._state
        if state.sum <= 0:
            state.sum, state.start, state.peak = 0.0, begin, value
        state.sum += (value - level) * seconds
        state.peak = max(state.peak, value)
        if state.sum < self.rules.rise:
            return []
        state.open, state.level, state.top, state.until = True, level, state.sum, None
        return [Change("started", state.start, state.peak)]

    def _go_on(self, value: float, begin: float, seconds: float) -> list[Change]:
        state = self._state
        if state.until is None:
            state.until = begin
        state.sum += (value - state.level) * seconds
        if state.sum >= state.top:
            state.top, state.until = state.sum, None
        elif state.top - state.sum >= self.rules.fall:
            return [self._end(state.until)]
        if value <= state.peak:
            return []
        state.peak = value
        return [Change("raised", state.start, state.peak)]

    def _end(self, at: float) -> Change:
        self._state.open, self._state.sum = False, 0.0
        return Change("ended", at, self._state.peak)

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain values, for `restore`."""
        state = {each.name: getattr(self._state, each.name) for each in fields(_State)}
        return {"state": state, "past": list(self._past)}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot."""
        self._state = _State(**kept["state"])
        self._past = Remembered(self.rules.memory, kept["past"])
