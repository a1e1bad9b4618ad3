"""Failed logins: a client that fails too often waits, so that nobody can try one token after another."""

from __future__ import annotations

import time
from collections.abc import Callable

from whenabouts.server.http_refusal import HTTPRefusal

__all__ = ["Attempts"]

MAX_FAILURES = 10
WINDOW = 300.0  # seconds
MAX_CLIENTS = 10_000  # that are remembered; the one that failed longest ago is forgotten first


class Attempts:
    """The times of the last failures of each client, an address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, list[float]] = {}

    def check(self, client: str) -> None:
        """Raises HTTPRefusal with 429 where a client failed too often."""
        now = self._clock()
        recent = [each for each in self._failures.get(client, ()) if each > now - WINDOW]
        if len(recent) >= MAX_FAILURES:
            wait = str(int(recent[-MAX_FAILURES] + WINDOW - now) + 1)
            raise HTTPRefusal(
                429, "too many failed logins from this address; wait a few minutes", **{"Retry-After": wait}
            )

    def failed(self, client: str) -> None:
        """Note a failure."""
        failures = [*self._failures.pop(client, ()), self._clock()][-MAX_FAILURES:]
        self._failures[client] = failures  # the newest is last
        if len(self._failures) > MAX_CLIENTS:
            del self._failures[next(iter(self._failures))]
