"""Lets a file be read as fast as a camera would send it, or that many times faster."""

from __future__ import annotations

import math
import time
from threading import Event

__all__ = ["Pace"]

FORGIVEN = 1.0  # seconds of the wall that it may be late and catch up; a camera that had to wait sends no faster: ours


class Pace:
    """Waits until its turn comes: `speed` seconds of the stream each second of the wall; None does not wait."""

    def __init__(self, speed: float | None, stop: Event) -> None:
        self._speed = None if speed is None or math.isinf(speed) else speed
        self._stop = stop
        self._zero: float | None = None  # on the wall, of time 0

    def wait(self, at: float) -> None:
        """Return when `at` (seconds of the stream) has come, or at once after `stop`."""
        if self._speed is None:
            return
        now, due = time.monotonic(), at / self._speed
        if self._zero is None or now - (self._zero + due) > FORGIVEN:
            self._zero = now - due
        self._stop.wait(max(0.0, self._zero + due - now))
