"""The one time law: media time = pts × time_base − start of the container.

Everything inside `video/` counts in whole ticks of the stream's time base or in exact fractions of a second; floats
appear at the interface only. The start is the container's, not the stream's: where sound begins at 0 s and the picture
at 5 s, the first picture is at 5 s, as players show it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from whenabouts.errors import InputError

__all__ = ["Clock", "container_start", "instants"]

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


def instants(fps: float | Fraction, start: float, end: float | Fraction) -> Iterator[Fraction]:
    """The exact times start + k / fps < end, in seconds, for k = 0, 1, …; raises InputError on a senseless grid."""
    if not (math.isfinite(fps) and fps > 0):
        raise InputError(f"fps must be a positive number, got {fps}")
    if not math.isfinite(start) or math.isnan(end):
        raise InputError(f"start and end must be times in seconds, got {start} and {end}")
    step, first, stop = 1 / Fraction(fps), Fraction(start), Fraction(end)
    return (first + k * step for k in range(max(0, math.ceil((stop - first) / step))))
