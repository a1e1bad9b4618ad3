"""Which pictures are looked at, and from when to when each was on show."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

__all__ = ["Look", "Pace"]

SLACK = 0.25  # of the time between two pictures that one may come early
LONGEST = 2.0  # times the time between two pictures that one counts for, when the next is late


class Look(NamedTuple):
    """A picture is taken to be on show from `begin`, half-way from the one before, and to count for `seconds`."""

    begin: float
    seconds: float


@dataclass(slots=True)
class Pace:
    """`fps` pictures a second of those that come.

    time:  of the last that was looked at; None where nothing is known of what was before
    since: from when on something is known        due: when the next is looked at
    """

    fps: float
    time: float | None = None
    since: float = 0.0
    due: float = 0.0

    def look(self, t: float) -> Look | None:
        """Whether to look at the picture at `t`; None for one that comes too early, or not later than the last."""
        step = 1 / self.fps
        if not t >= self.due - SLACK * step or (self.time is not None and t <= self.time):
            return None
        self.due = self.due + step if t < self.due + step else t + step
        begin = max(self.since, t - step / 2) if self.time is None else (self.time + t) / 2
        self.time = t
        return Look(begin, min(t - begin, LONGEST * step / 2) + step / 2)

    def interrupt(self, until: float) -> None:
        """Know nothing of what was before `until`."""
        self.time, self.since, self.due = None, until, until

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain values."""
        return asdict(self)

    @classmethod
    def restored(cls, kept: dict[str, Any], fps: float) -> Pace:
        """Go on from a snapshot, at this rate."""
        return cls(fps, kept["time"], kept["since"], kept["due"])
