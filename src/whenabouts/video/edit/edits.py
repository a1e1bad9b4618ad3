"""What can be done to a video: each edit takes pieces and gives those that are left, at times of what it is given."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from whenabouts.errors import InputError
from whenabouts.video.clock import NANOSECOND
from whenabouts.video.edit.pieces import Piece, Pieces, between, length, played
from whenabouts.video.video import Video

__all__ = ["Cut", "Edit", "Insert", "Move", "Retime", "Reverse", "Shuffle", "Swap"]

SLOWEST, FASTEST = 0.01, 100.0  # ours
MAX_STRETCHES = 100_000
SIMPLEST = 1_000_000  # denominator of a speed


class Edit(ABC):
    """One change. All times are seconds on the clock of the video as the edit before left it."""

    @abstractmethod
    def apply(self, pieces: Pieces) -> Pieces:
        """What is shown after it. Raises InputError in a sentence for times that are not within the video."""


@dataclass(frozen=True, slots=True)
class Cut(Edit):
    """Take [start, end) out; what comes after moves up."""

    start: float
    end: float

    def apply(self, pieces: Pieces) -> Pieces:
        """What is left; it must be something."""
        start, end = _span(self.start, self.end, pieces)
        left = _before(pieces, start) + _after(pieces, end)
        if not left:
            raise InputError(f"nothing is left of a video whose {float(length(pieces)):.3f} s are all cut out")
        return left


@dataclass(frozen=True, slots=True)
class Reverse(Edit):
    """Show [start, end) from its end to its start."""

    start: float
    end: float

    def apply(self, pieces: Pieces) -> Pieces:
        """The same length."""
        start, end = _span(self.start, self.end, pieces)
        return _before(pieces, start) + played(between(pieces, start, end), backward=True) + _after(pieces, end)


@dataclass(frozen=True, slots=True)
class Retime(Edit):
    """Show [start, end) `speed` times as fast; 0.5 is half as fast. Its sound becomes higher or lower, as of a tape."""

    start: float
    end: float
    speed: float

    def apply(self, pieces: Pieces) -> Pieces:
        """Longer or shorter."""
        if not (math.isfinite(self.speed) and SLOWEST <= self.speed <= FASTEST):
            raise InputError(f"a speed is between {SLOWEST:g} and {FASTEST:g}, got {self.speed}")
        start, end = _span(self.start, self.end, pieces)
        speed = Fraction(self.speed).limit_denominator(SIMPLEST)
        return _before(pieces, start) + played(between(pieces, start, end), speed=speed) + _after(pieces, end)


@dataclass(frozen=True, slots=True)
class Swap(Edit):
    """Let two stretches change places: the earlier one and the later one, which do not overlap."""

    first: tuple[float, float]
    second: tuple[float, float]

    def apply(self, pieces: Pieces) -> Pieces:
        """The same length; what is between them moves where their lengths differ."""
        (a, b), (c, d) = sorted((_span(*self.first, pieces), _span(*self.second, pieces)))
        if c < b:
            raise InputError(f"stretches that change places must not overlap, got {self.first} and {self.second}")
        middle = between(pieces, b, c)
        return _before(pieces, a) + between(pieces, c, d) + middle + between(pieces, a, b) + _after(pieces, d)


@dataclass(frozen=True, slots=True)
class Move(Edit):
    """Take [start, end) out and put it in where `to` was, which is outside it."""

    start: float
    end: float
    to: float

    def apply(self, pieces: Pieces) -> Pieces:
        """The same length."""
        start, end = _span(self.start, self.end, pieces)
        to = _point(self.to, pieces)
        if start < to < end:
            raise InputError(f"a stretch cannot move into itself: {self.to} is within {self.start} to {self.end}")
        taken = between(pieces, start, end)
        if to <= start:
            return _before(pieces, to) + taken + between(pieces, to, start) + _after(pieces, end)
        return _before(pieces, start) + between(pieces, end, to) + taken + _after(pieces, to)


@dataclass(frozen=True, slots=True)
class Insert(Edit):
    """Put [start, end) of another video in at `at`; without an end, all from `start` on."""

    at: float
    video: Video
    start: float = 0.0
    end: float | None = None

    def apply(self, pieces: Pieces) -> Pieces:
        """Longer by what is put in."""
        at = _point(self.at, pieces)
        whole = (Piece.whole(self.video),)
        end = self.video.duration if self.end is None else self.end
        taken = between(whole, *_span(self.start, end, whole))
        return _before(pieces, at) + taken + _after(pieces, at)


@dataclass(frozen=True, slots=True)
class Shuffle(Edit):
    """Put all stretches of `seconds` into another order, the same for the same seed; the last one may be shorter."""

    seconds: float = 1.0
    seed: int = 0

    def apply(self, pieces: Pieces) -> Pieces:
        """The same length."""
        if not (math.isfinite(self.seconds) and self.seconds > 0):
            raise InputError(f"stretches to shuffle need a length in seconds above 0, got {self.seconds}")
        duration, step = length(pieces), Fraction(self.seconds)
        count = math.ceil(duration / step)
        if count > MAX_STRETCHES:
            raise InputError(f"{count} stretches are too many to shuffle; make them longer than {self.seconds:g} s")
        order = np.random.default_rng(self.seed).permutation(count).tolist()
        chunks = [between(pieces, step * k, min(step * (k + 1), duration)) for k in order]
        return tuple(piece for chunk in chunks for piece in chunk)


def _span(start: float, end: float, pieces: Pieces) -> tuple[Fraction, Fraction]:
    """Checked and exact; an end a nanosecond too late is the end."""
    duration = length(pieces)
    if not (math.isfinite(start) and math.isfinite(end) and 0 <= start < end <= duration + NANOSECOND):
        raise InputError(f"an edit needs 0 <= start < end within {float(duration):.3f} s, got {start} to {end}")
    first, last = Fraction(start), min(Fraction(end), duration)
    if not first < last:
        raise InputError(f"an edit needs 0 <= start < end within {float(duration):.3f} s, got {start} to {end}")
    return first, last


def _point(time: float, pieces: Pieces) -> Fraction:
    duration = length(pieces)
    if not (math.isfinite(time) and 0 <= time <= duration + NANOSECOND):
        raise InputError(f"an edit needs a time within {float(duration):.3f} s, got {time}")
    return min(Fraction(time), duration)


def _before(pieces: Pieces, time: Fraction) -> Pieces:
    return between(pieces, Fraction(0), time)


def _after(pieces: Pieces, time: Fraction) -> Pieces:
    return between(pieces, time, length(pieces))
