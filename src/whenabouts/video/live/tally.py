"""Counts what happens often, so that it is told now and then instead of each time."""

from __future__ import annotations

import time
from typing import NamedTuple

__all__ = ["Tally", "Total"]

AGAIN = 10.0  # seconds on the wall from one notice to the next of the same kind: ours


class Total(NamedTuple):
    """How often something happened, first and last at these times of the stream (seconds)."""

    times: int
    since: float
    time: float


class Tally:
    """Adds up; the first is told at once, and later ones at most every `AGAIN` seconds."""

    def __init__(self) -> None:
        self._total = Total(0, 0.0, 0.0)
        self._told = -AGAIN

    def add(self, time: float, count: int = 1) -> None:
        """Note that it happened `count` times more at a time of the stream."""
        before = self._total
        self._total = Total(before.times + count, before.since if before.times else time, time)

    def due(self, *, at_once: bool = False) -> Total | None:
        """What was not told yet, if it is time to."""
        now, total = time.monotonic(), self._total
        if not total.times or (now - self._told < AGAIN and not at_once):
            return None
        self._total, self._told = Total(0, 0.0, 0.0), now
        return total
