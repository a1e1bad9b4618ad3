"""`Stream`: a live source over a file, a pipe or the network, read in the background."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from threading import Event, Thread
from types import TracebackType
from typing import Self
from weakref import WeakSet

from whenabouts.video.damage.failures import Failures
from whenabouts.video.live import notices
from whenabouts.video.live.address import Address
from whenabouts.video.live.arrival import Arrival, Notice
from whenabouts.video.live.decoding import Decoding
from whenabouts.video.live.queue import Closed
from whenabouts.video.live.reading import Reading
from whenabouts.video.live.ring import Ring
from whenabouts.video.live.settings import Settings

__all__ = ["Stream"]

GLANCE = 0.5  # seconds between two looks at whether the source has stalled


class Stream:
    """See `LiveSource`, whose protocol it fulfils, and `open_live`, which makes it.

    Nothing is opened before the first arrival is asked for. One thread reads and one decodes; both end with the source,
    or once it is closed: at the latest when the network answers, or after `Settings.timeout`.
    """

    def __init__(self, address: Address, settings: Settings) -> None:
        live = address.kind == "network" or settings.follow
        drops = (settings.drop or ("oldest" if address.kind == "network" else "none")) == "oldest"
        failures = Failures()
        self._address, self._settings = address, settings
        self._stop = Event()
        self._reading = Reading(address, settings, self._stop, failures, live=live, drops=drops)
        self._decoding = Decoding(self._reading.passing, settings, failures, drops=drops)
        self._arrivals = self._decoding.arrivals
        self._is_over = False
        self._given = settings.start_at  # up to where arrivals were taken: what waits when it is closed is not known
        self._threads: list[Thread] = []
        self._stalled_since: float | None = None

    @property
    def name(self) -> str:
        """The source as a person named it, without passwords."""
        return self._address.name

    def __iter__(self) -> Iterator[Arrival]:
        """Everything that arrives, until the notice that it ended. Raises VideoError."""
        if not self._threads:
            _STARTED.add(self)
            for work in (self._reading.run, self._decoding.run):
                self._threads.append(Thread(target=self._work, args=(work,), daemon=True, name=f"live {self.name}"))
                self._threads[-1].start()
        while not self._is_over:
            try:
                arrival = self._arrivals.get(GLANCE)
            except Closed:
                self._is_over = True
                yield notices.ended(self._given, closed=True)
                return
            if isinstance(arrival, Exception):
                self._is_over = True
                raise arrival
            if arrival is None:
                arrival = self._stalled()
            if arrival is not None:
                self._is_over = isinstance(arrival, Notice) and arrival.happened == "ended"
                if not (isinstance(arrival, Notice) and arrival.happened == "stalled"):  # whose time is the wall's
                    self._given = max(self._given, arrival.time)
                yield arrival

    @property
    def ring(self) -> Ring | None:
        """The recent stream, for clips; None unless it is kept."""
        return self._reading.ring

    def utc(self, time: float) -> datetime | None:
        """When, in UTC, what is at `time` (seconds of the stream) happened; None where the source is not live."""
        return self._reading.wall.utc(time)

    def close(self) -> None:
        """End the iteration, from any thread."""
        self._stop.set()
        self._reading.passing.close()
        self._arrivals.close()

    def join(self) -> None:
        """Wait until its threads have ended, which a network that is silent lets last for `Settings.timeout`."""
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _work(self, work: Callable[[], None]) -> None:
        with suppress(Closed):
            try:
                work()
            except Closed:
                pass
            except Exception as error:  # whatever it is, whoever iterates has to know
                self._stop.set()
                self._reading.passing.close()
                self._arrivals.put(error)

    def _stalled(self) -> Notice | None:
        since = self._reading.waiting_since
        if since is None or since == self._stalled_since or time.monotonic() - since < self._settings.stall:
            return None
        self._stalled_since = since
        timeline = self._reading.timeline
        return notices.stalled(float(timeline.end), timeline.lapse())


_STARTED: WeakSet[Stream] = WeakSet()


def _end_all() -> None:
    """Before the interpreter goes, so that no thread of FFmpeg asks it for anything afterwards."""
    started = list(_STARTED)
    for stream in started:
        stream.close()
    for stream in started:
        stream.join()


atexit.register(_end_all)
