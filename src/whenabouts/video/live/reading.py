"""The first thread of a live source: it opens, reads and opens again, and places packets on the clock."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from threading import Event
from typing import Any, TypeAlias

from av.audio.codeccontext import AudioCodecContext
from av.packet import Packet

from whenabouts.errors import VideoError
from whenabouts.video.damage.failures import Failures
from whenabouts.video.live import notices
from whenabouts.video.live.address import Address
from whenabouts.video.live.arrival import Notice
from whenabouts.video.live.backoff import delays
from whenabouts.video.live.connection import PROBED, Broken, Connection, Unreachable, connect
from whenabouts.video.live.pace import Pace
from whenabouts.video.live.pictures import View
from whenabouts.video.live.queue import Queue
from whenabouts.video.live.ring import Ring
from whenabouts.video.live.settings import Settings
from whenabouts.video.live.timeline import Timeline
from whenabouts.video.live.wall import Wall

__all__ = ["Opened", "Passing", "Placed", "Reading"]

MOST, MOST_BYTES = 4096, 64 << 20  # packets that wait to be decoded: ours
KEYLESS = 600  # pictures without a keyframe after which decoding begins without: ours
SETTLED = 5.0  # seconds after which a connection that breaks is no sign of a source in trouble: ours


@dataclass(frozen=True, slots=True)
class Opened:
    """A new connection begins: what decodes its pictures and its sound, and where its stamps mean 0."""

    view: View
    codec: AudioCodecContext | None
    start: Fraction


@dataclass(frozen=True, slots=True)
class Placed:
    """A packet of the pictures or of the sound, and when it begins on the clock of the stream, in seconds."""

    packet: Packet[Any]
    is_picture: bool
    time: float


# None: the connection is over, and what the codecs still hold is wanted
Passing: TypeAlias = "Opened | Placed | Notice | Exception | None"


class Reading:
    """Reads `address` until it truly ends or `stop` is set, and puts what comes into `passing`.

    Where too much waits to be decoded and `drops`, all pictures before the newest keyframe that waits are left out.
    waiting_since: when it began to wait for the next packet (time.monotonic); None while it does not
    """

    def __init__(
        self, address: Address, settings: Settings, stop: Event, failures: Failures, *, live: bool, drops: bool
    ) -> None:
        self._address, self._settings, self._stop, self._failures = address, settings, stop, failures
        self._live = live
        self.timeline = Timeline(Fraction(settings.start_at), live=live)
        self.passing: Queue[Passing] = Queue(MOST, MOST_BYTES, _bytes, self._shed if drops else None)
        self.waiting_since: float | None = None
        self.wall = Wall()
        self.ring = Ring(settings.keep, settings.keep_bytes) if settings.keep else None
        self._pace = Pace(settings.speed, stop)
        self._begun, self._needs_key = False, 0
        self._left_out: list[float] = []

    def run(self) -> None:
        """Read to the end; raises nothing but Closed."""
        try:
            self._read()
        except (VideoError, Broken) as error:
            self.passing.put(error)

    def _read(self) -> None:
        waits = delays()
        lost_at: float | None = None
        started = time.monotonic()
        while not self._stop.is_set():
            called = time.monotonic()
            try:
                connection = connect(self._address, self._settings, self._stop, self._failures)
            except VideoError as error:
                if not self._is_worth_waiting(error, started):
                    raise
                self._stop.wait(next(waits))
                continue
            try:
                self._take(connection, called, lost_at)
                break
            except Broken as why:
                lost_at = float(self.timeline.end)
                self.passing.put(None)
                self.passing.put(notices.lost(lost_at, str(why)))
            finally:
                self.waiting_since = None
                connection.close()
            if time.monotonic() - called > SETTLED:
                waits = delays()
            self._stop.wait(next(waits))
        self.passing.put(None)
        self.passing.put(notices.ended(float(self.timeline.end), closed=self._stop.is_set()))

    def _is_worth_waiting(self, error: VideoError, started: float) -> bool:
        if self._begun:
            return True
        wait = self._settings.wait
        return isinstance(error, Unreachable) and (wait is None or time.monotonic() - started < wait)

    def _take(self, connection: Connection, called: float, lost_at: float | None) -> None:
        """Hand on everything of one connection. Raises Broken, VideoError."""
        packets = connection.packets(self._failures)
        self.waiting_since = time.monotonic()
        first = next(packets, None)
        if first is None:
            raise VideoError(_why_nothing(self._address, connection))
        start, at = connection.start, max(called, time.monotonic() - int(PROBED) / 1e6)
        if start is None:
            start = (first.pts if first.pts is not None else first.dts or 0) * Fraction(first.time_base)
        begins = self.timeline.open(connection.container.format.name, start, at, connection.resent)
        self._part(connection, float(begins))
        clock = self.timeline.clock(Fraction(connection.video.time_base or 1))
        view = View.of(connection.video, clock, self._settings.size, self._failures, at_once=self._live)
        audio = connection.audio if self._settings.sound else None
        self.passing.put(Opened(view, audio.codec_context if audio else None, clock.start))
        if lost_at is not None:
            self.passing.put(notices.resumed(lost_at, float(begins)))
        self._needs_key = KEYLESS if self._begun or connection.network else 0
        self._begun = True
        for packet in chain([first], packets):
            self.waiting_since = None
            if self._stop.is_set():
                return
            self._pass(packet, connection, with_sound=audio is not None)
            self.waiting_since = time.monotonic()

    def _part(self, connection: Connection, begins: float) -> None:
        self.wall.part(begins)
        if self.ring is not None:
            self.ring.part(connection, self.timeline.start)

    def _pass(self, packet: Packet[Any], connection: Connection, *, with_sound: bool) -> None:
        is_picture = packet.stream_index == connection.video.index
        if jump := self.timeline.place(packet):
            self._part(connection, jump.time)
            self.passing.put(notices.jumped(jump.since, jump.time))
        placed = Placed(packet, is_picture, float(self.timeline.newest))
        self._pace.wait(placed.time)
        if self._live:
            self.wall.note(placed.time)
        if is_picture and self._needs_key:
            self._needs_key = 0 if packet.is_keyframe else self._needs_key - 1
            if self._needs_key:
                return
        if self.ring is not None:
            self.ring.add(packet, is_picture=is_picture)
        if is_picture or with_sound:
            self.passing.put(placed)
        if self._left_out:
            since, time = self._left_out[0], self._left_out[-1]
            self.passing.put(notices.dropped(since, time, len(self._left_out)))
            self._left_out = []

    def _shed(self, items: deque[Passing], item: Passing, full: bool) -> bool:
        """Leave out the pictures that wait, up to the newest keyframe; without one, wait for the next."""
        pictures = [each for each in items if isinstance(each, Placed) and each.is_picture]
        if not full or not pictures:
            return False
        keys = [k for k, each in enumerate(pictures) if k and each.packet.is_keyframe]
        gone = pictures[: keys[-1]] if keys else pictures
        self._left_out += [each.time for each in gone]
        if not keys:
            self._needs_key = KEYLESS
        without = set(map(id, gone))
        kept = [each for each in items if id(each) not in without]
        items.clear()
        items.extend(kept)
        return True


def _why_nothing(address: Address, connection: Connection) -> str:
    if connection.flow is not None and "mov" in connection.container.format.name:
        return f"{address.name} is an mp4 with its index at the end; record it fragmented, or as MPEG-TS or Matroska"
    return f"{address.name} has a video stream but no picture in it"


def _bytes(item: Passing) -> int:
    return item.packet.size if isinstance(item, Placed) else 0
