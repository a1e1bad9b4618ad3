"""Where a score rises and falls for good, as it comes: one query's curve -> moments that start, and end.

The offline method (`evidence.boundaries`) in causal form. Of what was seen outside moments the median is how things
usually are, and a moment is what stands out from it by a share of the way to the highest of late. What lies above that
level is summed up: a large enough sum starts a moment, which began where the sum was last nothing; what lies below it
ends the moment likewise (CUSUM: Page, "Continuous inspection schemes", Biometrika 1954). A cut is the sharpest change
there is, so sums begin anew with every shot. Within a shot nothing starts by the level alone, as when the highest is
forgotten: a score must rise.

What is seen in a moment, but for its first pictures, does not count as usual, so that what is there most of the time is
told each time it comes back. A moment as long as the memory, or one before which next to nothing was seen, may also be
what was always there. It goes on until it falls, but what stands out from nearly all of it is a moment of its own, and
then the old one is what is usual. One before which next to nothing was seen is so at the next cut, or its end.

The constants were chosen on twelve composed videos of the tuning half at one picture a second; `bench/stream.py`
measures what they give.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from whenabouts.evidence.boundaries import LEVELLING
from whenabouts.grounders.stream.remembered import DIGITS, Remembered

__all__ = ["Change", "Detector", "Rules"]

FIRST = 5  # pictures of a moment that count as usual all the same, as a moment may be false
LASTING = 12  # times as long as all that was seen before it is a moment that may be what is usual
NEARLY_ALL = 0.95  # of a moment as long as the memory, from which another must stand out


@dataclass(frozen=True, slots=True)
class Rules:
    """When a change counts; scores are on the scale of the curve. All defaults are ours.

    least:  a curve lower than this starts nothing, however far it stands out
    height: share of the way from the usual to the highest score from which it stands out
    rise:   score · seconds above the level that start a moment
    fall:   score · seconds below it that end one within a shot
    usual:  the score of pictures that have nothing to do with a query
    doubt:  how many of these are supposed to have been seen before the first
    memory: pictures that are remembered of those outside moments, and of all
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
class _Rise:
    """What may become a moment: where it begins, the sum of what lies above the level, and the peak."""

    level: float
    start: float = 0.0
    sum: float = 0.0
    peak: float = 0.0
    pictures: int = 0

    def add(self, value: float, level: float, begin: float, seconds: float) -> None:
        """Go on by a picture. The level sinks only while it is above the curve."""
        self.level = level if value < level else max(level, self.level)
        if self.sum <= 0:
            self.sum, self.start, self.peak, self.pictures = 0.0, begin, value, 0
        self.pictures += 1
        self.sum += (value - self.level) * seconds
        self.peak = max(self.peak, value)


@dataclass(slots=True)
class _Moment:
    """One that is open.

    sum:   of what lay above the level, in score · seconds; `top` is the largest it was
    until: where that was; None: at the end of the newest picture
    before: pictures outside moments that were seen before it
    """

    start: float
    level: float
    peak: float
    sum: float
    top: float
    before: int
    until: float | None = None
    pictures: int = 0

    def lasting(self, memory: int) -> bool:
        """Whether little but the moment was seen, so that it may be what is usual."""
        return self.before < memory and self.pictures > LASTING * self.before

    def add(self, value: float, begin: float, seconds: float) -> None:
        """Go on by a picture."""
        self.pictures += 1
        self.sum += (value - self.level) * seconds
        if self.sum >= self.top:
            self.top, self.until = self.sum, None
        elif self.until is None:
            self.until = begin


@dataclass(slots=True)
class _Shot:
    """What was seen since the last cut."""

    sum: float = 0.0
    count: int = 0

    def levelled(self, value: float) -> float:
        """A value nearer to the mean of its shot so far."""
        self.sum += value
        self.count += 1
        return (1 - LEVELLING) * value + LEVELLING * self.sum / self.count


class Detector:
    """The state of one query; it is bounded by `Rules.memory`."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.forget()

    @property
    def open(self) -> bool:
        """Whether a moment goes on."""
        return self._moment is not None

    def forget(self) -> None:
        """Begin as before the first picture."""
        supposed = [self.rules.usual] * self.rules.doubt
        self._outside = Remembered(self.rules.memory, supposed)
        self._lately = Remembered(self.rules.memory, supposed)
        self.interrupt()

    def interrupt(self) -> None:
        """Give up what goes on, and keep what is usual."""
        self._moment: _Moment | None = None
        self._rise, self._shot = _Rise(self.rules.least), _Shot()

    def push(self, value: float, begin: float, seconds: float, *, cut: bool) -> list[Change]:
        """Take in the score of a picture on show from `begin` on for about `seconds`; `cut`: it begins a shot."""
        if cut:
            self._rise, self._shot = _Rise(self.rules.least), _Shot()
        value = round(self._shot.levelled(value), DIGITS)  # so that what stands still does not rise
        self._lately.add(value)
        changes = list[Change]()
        if cut and self._moment:
            if self._moment.lasting(self.rules.memory):
                self._settle()
            level = self._moment.level = self._level(self._outside)
            if value < level or self._moment.peak < level:
                changes.append(self._end(begin))
        if self._moment:
            return self._go_on(self._moment, value, begin, seconds)
        self._outside.add(value)
        self._rise.add(value, self._level(self._outside), begin, seconds)
        return changes + self._start()

    def _level(self, past: Remembered, share: float = 0.5) -> float:
        usual, highest = past.quantile(share), self._lately.quantile(1.0)
        return max(self.rules.least, usual + self.rules.height * (highest - usual))

    def _start(self) -> list[Change]:
        rise = self._rise
        if rise.sum < self.rules.rise:
            return []
        self._moment = _Moment(
            rise.start, rise.level, rise.peak, rise.sum, rise.sum, len(self._outside) - rise.pictures
        )
        self._rise = _Rise(self.rules.least)
        return [Change("started", rise.start, rise.peak)]

    def _go_on(self, moment: _Moment, value: float, begin: float, seconds: float) -> list[Change]:
        moment.add(value, begin, seconds)
        if moment.pictures <= FIRST:
            self._outside.add(value)
        if moment.until is not None and moment.top - moment.sum >= self.rules.fall:
            self._rise = _Rise(moment.level)
            return [self._end(moment.until)]
        if moment.pictures > min(self.rules.memory, LASTING * moment.before):
            self._rise.add(value, self._level(self._lately, NEARLY_ALL), begin, seconds)
            if started := self._start():
                self._settle()
                return [Change("ended", started[0].time, moment.peak), *started]
            if self._rise.sum > 0:
                return []
        if value <= moment.peak:
            return []
        moment.peak = value
        return [Change("raised", moment.start, moment.peak)]

    def _end(self, at: float) -> Change:
        assert self._moment
        ended, self._moment = self._moment, None
        if ended.lasting(self.rules.memory):
            self._settle()
        return Change("ended", at, ended.peak)

    def _settle(self) -> None:
        """Take what was seen of late, in a moment, for usual."""
        self._outside = Remembered(self.rules.memory, self._lately)

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain values, for `restore`."""
        return {
            "moment": None if self._moment is None else asdict(self._moment),
            "rise": asdict(self._rise),
            "shot": asdict(self._shot),
            "outside": list(self._outside),
            "lately": list(self._lately),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot."""
        self._moment = None if kept["moment"] is None else _Moment(**kept["moment"])
        self._rise, self._shot = _Rise(**kept["rise"]), _Shot(**kept["shot"])
        self._outside = Remembered(self.rules.memory, kept["outside"])
        self._lately = Remembered(self.rules.memory, kept["lately"])
