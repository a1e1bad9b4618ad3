"""When, in UTC, something on the clock of a live stream happened."""

from __future__ import annotations

import time
from collections import deque
from datetime import UTC, datetime, timedelta

__all__ = ["Wall"]

STRETCH = 300.0  # seconds of the stream for which one relation is measured: ours
STRETCHES = 288  # that are kept: a day of stretches


class Wall:
    """Learns from arrivals how the clock of the stream lies on that of this computer.

    What arrives with the least delay tells it best: of each stretch of the stream that arrival counts, so that a burst
    after a pause is not taken for something that happened late, and clocks that drift apart are followed. What a source
    says of its own clock is not used: nobody knows how right that is.
    """

    def __init__(self) -> None:
        self._offsets: deque[tuple[float, float]] = deque(maxlen=STRETCHES)  # begin of a stretch, wall - stream

    def note(self, at: float, now: float | None = None) -> None:
        """Something at `at` seconds of the stream arrives, `now` (seconds since 1970)."""
        offset = (time.time() if now is None else now) - at
        if not self._offsets or at >= self._offsets[-1][0] + STRETCH:
            self._offsets.append((at, offset))
        elif offset < self._offsets[-1][1]:
            self._offsets[-1] = self._offsets[-1][0], offset

    def part(self, at: float) -> None:
        """Begin a new stretch at `at`: the clock of the source broke off or jumped."""
        self._offsets.append((at, float("inf")))

    def utc(self, at: float) -> datetime | None:
        """The UTC of a time of the stream; None where nothing is known yet."""
        known = [offset for begin, offset in list(self._offsets) if begin <= at and offset != float("inf")]
        if not known:
            return None
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=known[-1] + at)
