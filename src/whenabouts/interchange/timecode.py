"""Timecode: frame labels in editing programs, exact for the broadcast frame rates.

At 29.97 and 59.94 frames per second, timecode that counts 30 or 60 frames per second falls behind the clock. Drop-frame
timecode corrects this by skipping labels, never frames: 00 and 01 (at 59.94: 00 to 03) at the start of each minute that
is not a multiple of ten (SMPTE ST 12-1). It is written with a semicolon before the frames.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from whenabouts.errors import InputError

__all__ = ["RATES", "FrameRate"]

RATES = {
    "23.976": Fraction(24_000, 1001),
    "24": Fraction(24),
    "25": Fraction(25),
    "29.97": Fraction(30_000, 1001),
    "30": Fraction(30),
    "50": Fraction(50),
    "59.94": Fraction(60_000, 1001),
    "60": Fraction(60),
}
NAME = re.compile(r"([0-9]{2}):([0-5][0-9]):([0-5][0-9])([:;.])([0-9]{2})")
TOLERANCE = Fraction(1, 2500)  # relative; 24 and 23.976 differ by 1 in 1001


@dataclass(frozen=True, slots=True)
class FrameRate:
    """A constant rate in frames per second, and whether its timecode is drop-frame. Raises InputError.

    >>> FrameRate(RATES["29.97"], drop=True).name(1800)
    '00:01:00;02'
    """

    rate: Fraction
    drop: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.rate <= 100:
            raise InputError(f"timecode supports 1 to 100 frames per second, not {float(self.rate):g}")
        if self.drop and self.rate not in (RATES["29.97"], RATES["59.94"]):
            raise InputError(f"drop-frame timecode exists at 29.97 and 59.94 frames per second, not {self}")

    def __str__(self) -> str:
        return f"{float(self.rate):.5g}"

    @classmethod
    def nearest(cls, rate: Fraction | float, *, drop: bool = False) -> FrameRate:
        """The nominal rate of a file: a broadcast or integer rate within 0.04 %, else the nearest broadcast rate.

        The latter is the rate to which editing programs conform videos of variable frame rate.
        """
        rate = Fraction(rate)
        best = min(RATES.values(), key=lambda known: abs(known - rate))
        whole = Fraction(max(1, round(rate)))
        if abs(best - rate) > TOLERANCE * rate and whole <= 100 and abs(whole - rate) <= TOLERANCE * rate:
            best = whole
        return cls(best, drop=drop)

    @property
    def nominal(self) -> int:
        """The number of frames per second in timecode."""
        return round(self.rate)

    @property
    def ntsc(self) -> bool:
        """Whether the actual rate is the nominal one divided by 1.001."""
        return self.rate.denominator == 1001

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
        return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{';' if self.drop else ':'}{frames:02}"

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
