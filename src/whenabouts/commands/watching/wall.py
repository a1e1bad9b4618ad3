"""How far a watch is behind its source, and when a time of the stream was in UTC."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from whenabouts.commands.watching.told import utc

__all__ = ["Wall"]


class Wall:
    """`of` tells when a time of the stream was in UTC; None for a source that is not live.

    A picture of a live source arrived when its time was; it may have waited since then. Any other arrives when it is
    handed over.
    """

    def __init__(self, of: Callable[[float], datetime | None] | None = None) -> None:
        self._of = of or (lambda _: None)
        self._handed = time.monotonic()
        self.behind = 0.0
        """Seconds that the newest picture had waited when it was handed over."""

    def arrived(self, at: float) -> None:
        """A picture of this time of the stream was handed over now."""
        self._handed = time.monotonic()
        came = self._of(at)
        self.behind = 0.0 if came is None else max(0.0, (datetime.now(UTC) - came).total_seconds())

    @property
    def latency(self) -> float:
        """Seconds from the arrival of the newest picture until now."""
        return self.behind + time.monotonic() - self._handed

    def utc(self, at: float) -> str | None:
        """When a time of the stream was, in UTC; None where the source is not live."""
        came = self._of(at)
        return None if came is None else utc(came)
