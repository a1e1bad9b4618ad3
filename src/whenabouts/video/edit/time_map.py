"""Where the times of one video lie in another that was made of it, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import InputError
from whenabouts.video.clock import NANOSECOND

__all__ = ["Segment", "TimeMap"]


@dataclass(frozen=True, slots=True)
class Segment:
    """[old_start, old_end) of the old clock is [new_start, new_end) of the new one, in seconds; evenly in between.

    backward: the first of the old stretch comes last in the new one
    """

    old_start: Fraction
    old_end: Fraction
    new_start: Fraction
    new_end: Fraction
    backward: bool = False

    @property
    def pace(self) -> Fraction:
        """Seconds of the new clock that a second of the old one takes."""
        return Fraction(self.new_end - self.new_start) / (self.old_end - self.old_start)

    def at(self, old: Fraction) -> Fraction:
        """The new time of an old one."""
        return self.new_start + self.pace * (self.old_end - old if self.backward else old - self.old_start)

    def part(self, start: Fraction, end: Fraction) -> Segment | None:
        """What lies within [start, end) of the old clock; None where nothing does."""
        first, last = max(start, self.old_start), min(end, self.old_end)
        if not first < last:
            return None
        low, high = sorted((self.at(first), self.at(last)))
        return Segment(first, last, low, high, self.backward)

    @property
    def inverse(self) -> Segment:
        """The same from the new clock to the old one."""
        return Segment(self.new_start, self.new_end, self.old_start, self.old_end, self.backward)

    def then(self, after: Segment) -> Segment | None:
        """The part whose new times `after` takes on to a third clock; None where it takes none."""
        met = after.part(self.new_start, self.new_end)
        if met is None:
            return None
        back = self.inverse.part(met.old_start, met.old_end)
        assert back is not None, "what is met is a part of this"
        return Segment(back.new_start, back.new_end, met.new_start, met.new_end, self.backward != met.backward)


@dataclass(frozen=True, slots=True)
class TimeMap:
    """From an old clock to a new one, piece by piece: exact inside, floats at the interface, all in seconds.

    What was removed is in no segment and maps to nothing; what is shown twice is in two and maps to both.

    segments: in the order of the new clock, where they do not overlap

        >>> first, last = Segment(0, 10, 0, 10), Segment(20, 30, 10, 20)  # [10, 20) is gone
        >>> cut = TimeMap((first, last), Fraction(30), Fraction(20))
        >>> cut.windows([[5, 25]]).tolist(), cut.windows([[12, 15]]).tolist()
        ([[5.0, 15.0]], [])
        >>> cut.inverse.windows([[5, 15]]).tolist()
        [[5.0, 10.0], [20.0, 25.0]]
    """

    segments: tuple[Segment, ...]
    old_duration: Fraction
    new_duration: Fraction

    @classmethod
    def identity(cls, duration: float | Fraction) -> TimeMap:
        """Every time stays."""
        whole = Fraction(duration)
        return cls((Segment(Fraction(0), whole, Fraction(0), whole),), whole, whole)

    @property
    def inverse(self) -> TimeMap:
        """From the new clock back to the old one."""
        turned = sorted((segment.inverse for segment in self.segments), key=lambda segment: segment.new_start)
        return TimeMap(tuple(turned), self.new_duration, self.old_duration)

    def then(self, after: TimeMap) -> TimeMap:
        """The map to a third clock. Raises InputError where `after` begins with a video of another length."""
        if abs(after.old_duration - self.new_duration) > Fraction(1, 10**6):
            raise InputError(
                f"the second map is of a video of {float(after.old_duration):.3f} s, "
                f"the first one ends in one of {float(self.new_duration):.3f} s"
            )
        met = (segment.then(other) for segment in self.segments for other in after.segments)
        segments = sorted((each for each in met if each is not None), key=lambda segment: segment.new_start)
        return TimeMap(tuple(segments), self.old_duration, after.new_duration)

    def moved(self, start: float | Fraction, end: float | Fraction) -> list[Segment]:
        """What [start, end) of the old clock becomes, part by part, in the order of the new clock."""
        parts = (segment.part(Fraction(start), Fraction(end)) for segment in self.segments)
        return [part for part in parts if part is not None]

    def times(self, old: float) -> tuple[float, ...]:
        """The new times of an old one: none where it was removed, several where it is shown more than once."""
        time = Fraction(old)
        return tuple(float(s.at(time)) for s in self.segments if s.old_start <= time < s.old_end)

    def windows(self, rows: ArrayLike) -> NDArray[np.float64]:
        """Windows (M, 2) of the old clock as windows (K, 2) of the new one, row by row.

        A row may become several windows, or none. Those of one row that touch are one; those of different rows stay
        apart, as annotations do.
        """
        given = np.asarray(rows, dtype=np.float64).reshape(-1, 2)
        found = [window for start, end in given for window in _merged(self.moved(float(start), float(end)))]
        return np.array(found, dtype=np.float64).reshape(-1, 2)

    def kept(self, start: float, end: float) -> float:
        """The share of [start, end) of the old clock that is still shown, in [0, 1]."""
        first, last = Fraction(start), Fraction(end)
        shown = _merged([replace(s, new_start=s.old_start, new_end=s.old_end) for s in self.moved(first, last)])
        return sum(high - low for low, high in shown) / float(last - first) if first < last else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers, in seconds, for JSON."""
        return {
            "old_duration": float(self.old_duration),
            "new_duration": float(self.new_duration),
            "segments": [
                {
                    "old": [float(s.old_start), float(s.old_end)],
                    "new": [float(s.new_start), float(s.new_end)],
                    "backward": s.backward,
                }
                for s in self.segments
            ],
        }


def _merged(segments: Sequence[Segment]) -> list[tuple[float, float]]:
    """Their new windows in order, those that touch as one; what is shorter than floats are exact is left out."""
    windows: list[list[Fraction]] = []
    for start, end in sorted((segment.new_start, segment.new_end) for segment in segments):
        if end - start < NANOSECOND:
            continue
        if windows and start <= windows[-1][1] + NANOSECOND:
            windows[-1][1] = max(windows[-1][1], end)
        else:
            windows.append([start, end])
    return [(float(start), float(end)) for start, end in windows]
