"""The one time law: media time = pts × time_base − start of the container.

Everything inside `video/` counts in whole ticks of the stream's time base or in exact fractions of a second; floats
appear at the interface only. The start is the container's, not the stream's: where sound begins at 0 s and the picture
at 5 s, the first picture is at 5 s, as players show it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from whenabouts.errors import InputError

__all__ = ["Clock", "Grid", "container_start"]

NANOSECOND = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns the ticks of one stream into media time and back; `start` is the container's start in seconds."""

    time_base: Fraction
    start: Fraction

    @classmethod
    def of(cls, container: InputContainer, stream: VideoStream) -> Clock:
        """The clock of `stream` as its container starts it."""
        return cls(Fraction(stream.time_base or Fraction(1, av.time_base)), container_start(container))

    def time(self, pts: int) -> Fraction:
        """Media time in seconds of a presentation stamp."""
        return pts * self.time_base - self.start

    def tick(self, time: Fraction) -> int:
        """The last tick not after media time `time` (seconds), forgiving a nanosecond of float noise."""
        return math.floor((time + NANOSECOND + self.start) / self.time_base)


def container_start(container: InputContainer) -> Fraction:
    """Start of the container in seconds, 0 where it states none.

    FFmpeg rounds it to microseconds; the stream that begins there states it exactly, and is preferred.
    """
    begins = [
        stream.start_time * Fraction(stream.time_base)
        for stream in container.streams
        if stream.start_time is not None and stream.time_base
    ]
    if container.start_time is None:
        return min(begins, default=Fraction(0))
    stated = Fraction(container.start_time, av.time_base)
    nearest = min(begins, key=lambda begin: abs(begin - stated), default=stated)
    return nearest if abs(nearest - stated) <= Fraction(1, av.time_base) else stated


@dataclass(frozen=True, slots=True)
class Grid:
    """The exact times start + k × step, k = 0 … count − 1, in seconds of media time."""

    start: Fraction
    step: Fraction
    count: int

    @classmethod
    def of(cls, fps: float, start: float, end: float) -> Grid:
        """The times start + k / fps < end; raises InputError where these are not sensible numbers."""
        if not (math.isfinite(fps) and fps > 0):
            raise InputError(f"fps must be a positive number, got {fps}")
        if not (math.isfinite(start) and math.isfinite(end)):
            raise InputError(f"start and end must be times in seconds, got {start} and {end}")
        step, first = 1 / Fraction(fps), Fraction(start)
        return cls(first, step, max(0, math.ceil((Fraction(end) - first) / step)))

    def __getitem__(self, k: int) -> Fraction:
        if not 0 <= k < self.count:
            raise IndexError(k)
        return self.start + k * self.step

    def first_from(self, time: Fraction) -> int:
        """The smallest k whose time is not before `time`, give or take a nanosecond; `count` where none is."""
        return min(self.count, max(0, math.ceil((time - NANOSECOND - self.start) / self.step)))
