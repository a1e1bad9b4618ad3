"""A live source of pictures that are made in memory, for tests and benches of long streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Event
from types import TracebackType
from typing import Self

from whenabouts.video.live import notices
from whenabouts.video.live.arrival import Arrival, Notice

__all__ = ["Simulated"]


class Simulated:
    """Gives `arrivals` in order, as fast as they are taken; then the notice that it ended, unless that is among them.

    `began` is when, in UTC, the stream was at 0.
    """

    name = "simulated"

    def __init__(self, arrivals: Iterable[Arrival], *, began: datetime = datetime(2000, 1, 1, tzinfo=UTC)) -> None:
        self._arrivals, self._began, self._stop, self._time = iter(arrivals), began, Event(), 0.0

    def __iter__(self) -> Iterator[Arrival]:
        """Everything, until the notice that it ended."""
        while not self._stop.is_set():
            arrival = next(self._arrivals, None)
            if arrival is None:
                break
            self._time = max(self._time, arrival.time)
            yield arrival
            if isinstance(arrival, Notice) and arrival.happened == "ended":
                return
        yield notices.ended(self._time, closed=self._stop.is_set())

    def utc(self, time: float) -> datetime | None:
        """When, in UTC, the stream was at `time`."""
        return self._began + timedelta(seconds=time)

    def close(self) -> None:
        """End the iteration, from any thread."""
        self._stop.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
