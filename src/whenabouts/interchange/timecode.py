"""Timecode: frame labels in editing programs, exact for the broadcast frame rates.

At 29.97 and 59.94 frames per second, timecode that counts 30 or 60 frames per second falls behind the clock. Drop-frame
timecode corrects this by skipping labels, never frames: 00 and 01 (at 59.94: 00 to 03) at the start of each minute that
is not a multiple of ten (SMPTE ST 12-1). It is written with a semicolon before the frames. Files of a true 30 or 60
have it too, where it runs ahead of the clock; at 24, 25 and 50 there is none, whatever mark their labels have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from whenabouts.errors import InputError

__all__ = ["RATES", "TOLERANCE", "FrameRate", "exact_rate", "is_drop"]

RATES = {
    "23.976": Fraction(24_000, 1001),
    "24": Fraction(24),
    "25": Fraction(25),
    "29.97": Fraction(30_000, 1001),
    "30": Fraction(30),
    "47.952": Fraction(48_000, 1001),
    "48": Fraction(48),
    "50": Fraction(50),
    "59.94": Fraction(60_000, 1001),
    "60": Fraction(60),
    "100": Fraction(100),
    "119.88": Fraction(120_000, 1001),
    "120": Fraction(120),
}
FASTEST = 120
NAME = re.compile(r"([0-9]{2})[:;.,]([0-5][0-9])[:;.,]([0-5][0-9])([:;.,])([0-9]{2,3})")
TOLERANCE = Fraction(1, 2500)  # relative; 24 and 23.976 differ by 1 in 1001


def is_drop(name: str) -> bool:
    """Whether a timecode is written as drop-frame: with another mark than a colon before its frames.

    >>> is_drop("01:00:00;00"), is_drop("01:00:00.00"), is_drop("01:00:00:00")
    (True, True, False)
    """
    found = NAME.fullmatch(name.strip())
    return found is not None and found[4] != ":"


def exact_rate(rate: Fraction | float) -> Fraction:
    """The rate that one with few digits means: a broadcast or integer rate within 0.04 %, else the rate itself.

    >>> str(exact_rate(23.98)), str(exact_rate(29.97)), str(exact_rate(15))
    ('24000/1001', '30000/1001', '15')
    """
    rate = Fraction(rate)
    known = [*RATES.values(), Fraction(max(1, round(rate)))]
    best = min(known, key=lambda each: abs(each - rate))
    return best if abs(best - rate) <= TOLERANCE * rate and best <= FASTEST else rate


@dataclass(frozen=True, slots=True)
class FrameRate:
    """A constant rate in frames per second, and whether its timecode is drop-frame. Raises InputError.

    >>> FrameRate(RATES["29.97"], drop=True).name(1800)
    '00:01:00;02'
    """

    rate: Fraction
    drop: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.rate <= FASTEST:
            raise InputError(f"timecode supports 1 to {FASTEST} frames per second, not {float(self.rate):g}")
        if self.drop and not self.can_drop:
            raise InputError(f"drop-frame timecode exists at 29.97, 30, 59.94 and 60 frames per second, not {self}")

    def __str__(self) -> str:
        return f"{float(self.rate):.5g}"

    @classmethod
    def nearest(cls, rate: Fraction | float, *, drop: bool = False) -> FrameRate:
        """The nominal rate of a file: a broadcast or integer rate within 0.04 %, else the nearest broadcast rate.

        The latter is the rate to which editing programs conform videos of variable frame rate.
        """
        exact = exact_rate(rate)
        if exact not in RATES.values() and exact.denominator != 1:
            exact = min(RATES.values(), key=lambda known: abs(known - exact))
        return cls(min(exact, Fraction(FASTEST)), drop=drop)

    @property
    def nominal(self) -> int:
        """The number of frames per second in timecode."""
        return round(self.rate)

    @property
    def ntsc(self) -> bool:
        """Whether the actual rate is the nominal one divided by 1.001."""
        return self.rate.denominator == 1001

    @property
    def can_drop(self) -> bool:
        """Whether there is drop-frame timecode at this rate: where 30 frames a second are counted, or a multiple."""
        return self.nominal % 30 == 0

    @property
    def day(self) -> int:
        """Frames in 24 hours of timecode, after which it starts again."""
        return 86_400 * self.nominal - self._dropped * (24 * 60 - 24 * 6)

    @property
    def _dropped(self) -> int:
        return self.nominal // 15 if self.drop else 0

    def frame(self, seconds: Fraction | float) -> int:
        """The frame boundary nearest to a time, at most half a frame away; frame 0 begins at 0 s."""
        return (2 * Fraction(seconds) * self.rate + 1) // 2

    def seconds(self, frame: int) -> Fraction:
        """The exact start time of a frame."""
        return frame / self.rate

    def name(self, frame: int) -> str:
        """The timecode HH:MM:SS:FF of a frame, with ; before FF if it is drop-frame."""
        frame %= self.day
        if self.drop:
            minute = 60 * self.nominal - self._dropped
            tens, rest = divmod(frame, 10 * minute + self._dropped)
            frame += self._dropped * (9 * tens + max(0, (rest - self._dropped) // minute))
        second, frames = divmod(frame, self.nominal)
        digits = len(str(self.nominal - 1))
        mark = ";" if self.drop else ":"
        return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{mark}{frames:0{max(2, digits)}}"

    def parse(self, name: str) -> int:
        """The frame of a timecode; its separators do not matter. Raises InputError."""
        found = NAME.fullmatch(name.strip())
        if found is None:
            raise InputError(f"{name!r} is not a timecode: write hours:minutes:seconds:frames, as in 01:00:00:00")
        hours, minutes, seconds, frames = (int(found[k]) for k in (1, 2, 3, 5))
        if hours > 23 or frames >= self.nominal:
            raise InputError(f"the timecode {name} does not exist at {self} frames per second")
        if frames < self._dropped and seconds == 0 and minutes % 10:
            raise InputError(f"the timecode {name} does not exist: drop-frame counting skips it")
        minute = 60 * hours + minutes
        return (60 * minute + seconds) * self.nominal + frames - self._dropped * (minute - minute // 10)
