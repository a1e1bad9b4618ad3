"""The one time law: media time = pts × time_base − start of the container.

Everything inside `video/` counts in whole ticks of the stream's time base or in exact fractions of a second; floats
appear at the interface only. The start is the container's, not the stream's: where sound begins at 0 s and the picture
at 5 s, the first picture is at 5 s, as players show it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import av
from av.container import InputContainer

from whenabouts.errors import InputError
from whenabouts.video.source import READ_ERRORS

__all__ = ["NANOSECOND", "Clock", "Grid", "Instants", "Times", "container_start", "first_stamp"]

FIRST_PACKETS = 64
SIMPLEST = 1_000_000  # denominator of a rate
NANOSECOND = Fraction(1, 10**9)  # more than floats of a day are wrong


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns the ticks of one stream into media time and back; `start` is the container's start in seconds."""

    time_base: Fraction
    start: Fraction

    def time(self, pts: int) -> Fraction:
        """Media time in seconds of a presentation stamp."""
        return pts * self.time_base - self.start

    def tick(self, time: Fraction) -> int:
        """The last tick not after media time `time` (seconds), forgiving a nanosecond of float noise."""
        return math.floor((time + NANOSECOND + self.start) / self.time_base)


def container_start(container: InputContainer) -> Fraction | None:
    """Start of the container in seconds, None where it states none.

    FFmpeg rounds it to microseconds; the stream that begins there states it exactly, and is preferred.
    """
    if container.start_time is None:
        return None
    stated = Fraction(container.start_time, av.time_base)
    begins = [
        stream.start_time * Fraction(stream.time_base)
        for stream in container.streams
        if stream.start_time is not None and stream.time_base
    ]
    nearest = min(begins, key=lambda begin: abs(begin - stated), default=stated)
    return nearest if abs(nearest - stated) <= Fraction(1, av.time_base) else stated


def first_stamp(container: InputContainer) -> Fraction:
    """The earliest stamp among the first packets, in seconds; moves the read position."""
    timed = (*container.streams.video, *container.streams.audio)
    try:
        packets = list(islice(container.demux(*timed), FIRST_PACKETS))
    except READ_ERRORS:
        return Fraction(0)
    stamps = [(p.pts if p.pts is not None else p.dts, p.time_base) for p in packets if p.size]
    return min((stamp * Fraction(base) for stamp, base in stamps if stamp is not None), default=Fraction(0))


@dataclass(frozen=True, slots=True)
class Grid:
    """The exact times start + k × step, k = 0 … count − 1, in seconds of media time."""

    start: Fraction
    step: Fraction
    count: int

    @classmethod
    def of(cls, fps: float, start: float, end: float) -> Grid:
        """The times start + k / fps < end; raises InputError where these are not sensible numbers.

        A rate written as a float means the simple fraction next to it: 0.2 is 1/5, 29.97 is 2997/100. A time within a
        nanosecond of `end` is left out.
        """
        if not (math.isfinite(fps) and fps > 0):
            raise InputError(f"fps must be a positive number, got {fps}")
        if not (math.isfinite(start) and math.isfinite(end)):
            raise InputError(f"start and end must be times in seconds, got {start} and {end}")
        rate = Fraction(fps)
        step, first = 1 / (rate.limit_denominator(SIMPLEST) or rate), Fraction(start)
        return cls(first, step, max(0, math.ceil((Fraction(end) - NANOSECOND - first) / step)))

    def __getitem__(self, k: int) -> Fraction:
        if not 0 <= k < self.count:
            raise IndexError(k)
        return self.start + k * self.step

    def first_from(self, time: Fraction) -> int:
        """The smallest k whose time is not before `time`, give or take a nanosecond; `count` where none is."""
        return min(self.count, max(0, math.ceil((time - NANOSECOND - self.start) / self.step)))


@dataclass(frozen=True, slots=True)
class Instants:
    """Single times that do not decrease, in seconds of media time, instead of a grid of them."""

    times: tuple[Fraction, ...]

    @property
    def count(self) -> int:
        """How many times there are."""
        return len(self.times)

    def __getitem__(self, k: int) -> Fraction:
        return self.times[k]

    def first_from(self, time: Fraction) -> int:
        """As of `Grid`."""
        return bisect_left(self.times, time - NANOSECOND)


Times = Grid | Instants
