"""The second thread of a live source: it decodes what was read, and lets the arrivals wait for whoever iterates."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import TypeAlias

from whenabouts.video.damage.failures import Failures
from whenabouts.video.frame import Frame
from whenabouts.video.live import notices
from whenabouts.video.live.arrival import Arrival, Notice, Sound
from whenabouts.video.live.hearing import Hearing
from whenabouts.video.live.pictures import Pictures
from whenabouts.video.live.queue import Queue
from whenabouts.video.live.reading import Opened, Passing
from whenabouts.video.live.settings import Settings
from whenabouts.video.live.tally import Tally

__all__ = ["Decoding", "Waiting"]

MOST, MOST_BYTES = 1024, 128 << 20  # arrivals that wait to be taken: ours
MOST_NOTICES = 256  # of them, where arrivals are dropped: ours

Waiting: TypeAlias = "Arrival | Exception"


class Decoding:
    """Takes from `passing` until the end of the stream, and puts pictures, sound and notices into `arrivals`.

    With `drops`, pictures that are too old and, where there is no more room, the oldest arrivals are left out.
    """

    def __init__(self, passing: Queue[Passing], settings: Settings, failures: Failures, *, drops: bool) -> None:
        self._passing, self._failures, self._backlog = passing, failures, settings.backlog
        start_at = Fraction(settings.start_at)
        self._pictures = Pictures(settings.step, start_at, settings.limits, failures)
        self._hearing = Hearing(start_at, failures)
        self.arrivals: Queue[Waiting] = Queue(MOST, MOST_BYTES, _bytes, self._shed if drops else None)
        self._is_open = self._hears = False
        self._time, self._counted = settings.start_at, 0
        self._damage, self._dropped = Tally(), Tally()

    def run(self) -> None:
        """Decode to the end; raises nothing but Closed."""
        while True:
            passed = self._passing.get()
            if isinstance(passed, Opened):
                self._is_open, self._hears = True, passed.codec is not None
                self._pictures.open(passed.view)
                if passed.codec is not None:
                    self._hearing.open(passed.codec, passed.start)
            elif isinstance(passed, Notice | Exception):
                self._tell(at_once=True)
                self.arrivals.put(passed)
                if isinstance(passed, Exception) or passed.happened == "ended":
                    return
            elif passed is None:
                self._drain()
            else:
                self._time = passed.time
                self._failures.count += passed.packet.is_corrupt
                send = self._pictures.send if passed.is_picture else self._hearing.send
                for arrival in send(passed.packet):
                    self.arrivals.put(arrival)
                self._tell()

    def _drain(self) -> None:
        if self._is_open:
            for frame in self._pictures.send(None):
                self.arrivals.put(frame)
            if self._hears:
                for sound in self._hearing.send(None):
                    self.arrivals.put(sound)
        self._is_open = False

    def _tell(self, *, at_once: bool = False) -> None:
        if self._failures.count > self._counted:
            self._damage.add(self._time, self._failures.count - self._counted)
            self._counted = self._failures.count
        if damage := self._damage.due(at_once=at_once):
            self.arrivals.put(notices.damaged(damage.time, damage.times))
        if dropped := self._dropped.due(at_once=at_once):
            self.arrivals.put(notices.dropped(dropped.since, dropped.time, dropped.times))

    def _shed(self, items: deque[Waiting], item: Waiting, full: bool) -> bool:
        gone: list[Waiting] = [each for each in items if isinstance(each, Frame) and self._is_old(each, item)]
        if not gone and full:
            gone += [each for each in items if isinstance(each, Frame | Sound)][:1]
            told = [each for each in items if isinstance(each, Notice) and each.happened != "ended"]
            gone += told[: max(0, len(told) - MOST_NOTICES)]
        for each in gone:
            items.remove(each)
            if isinstance(each, Frame):
                self._dropped.add(each.time)
        return bool(gone)

    def _is_old(self, waits: Frame, newest: Waiting) -> bool:
        return isinstance(newest, Frame) and waits.time < newest.time - self._backlog


def _bytes(waiting: Waiting) -> int:
    if isinstance(waiting, Frame):
        return waiting.image.nbytes
    return waiting.samples.nbytes if isinstance(waiting, Sound) else 0
