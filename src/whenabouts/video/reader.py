"""Reads the packets of a file's picture stream, from the beginning or from a keyframe before a given time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard
from av.video.stream import VideoStream

from whenabouts.video.clock import Clock, container_start, first_stamp
from whenabouts.video.failures import Failures, stamp_of
from whenabouts.video.holes import Holes
from whenabouts.video.limits import Limits
from whenabouts.video.source import READ_ERRORS, open_media, picture_stream

__all__ = ["Reader"]

VideoPacket: TypeAlias = "Packet[VideoStream]"
GIVE_UP_AFTER = 64


class Reader:
    """An open file, its picture stream and its clock; closed by leaving its context. Opening raises VideoError."""

    container: InputContainer
    stream: VideoStream
    clock: Clock

    def __init__(self, path: Path, limits: Limits, failures: Failures) -> None:
        self.path = path
        self.failures = failures
        self._limits = limits
        self._open()
        try:
            start = container_start(self.container)
            if start is None:
                start = first_stamp(self.container)
                self.rewind()
            self.clock = Clock(Fraction(self.stream.time_base or Fraction(1, av.time_base)), start)
        except BaseException:
            self.container.close()
            raise

    def _open(self) -> None:
        self.container = open_media(self.path, self._limits)
        try:
            self.stream = picture_stream(self.container, self.path)
        except BaseException:
            self.container.close()
            raise
        for other in self.container.streams:
            other.discard = Discard.default if other.index == self.stream.index else Discard.all

    def rewind(self) -> None:
        """Return to the true beginning; opening again is the one way that every container allows."""
        self.container.close()
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.container.close()

    def packets(self) -> Iterator[VideoPacket]:
        """Packets of pictures from here on, in file order, without the empty one at the end.

        A failed read is counted and tried again, since many demuxers find their way after damage; many in a row end it.
        """
        in_a_row = 0
        last: VideoPacket | None = None
        losses = self.failures.pictures
        holes = Holes(self.path, self.container, self.stream, losses)
        while in_a_row < GIVE_UP_AFTER:
            try:
                for packet in self.container.demux(self.stream):
                    if packet.size:
                        in_a_row, last = 0, packet
                        holes.see(packet)
                        if packet.is_keyframe:
                            self.failures.keyframe(packet)
                        if packet.is_corrupt:
                            losses.add(losses.marred, stamp_of(packet))
                        yield packet
                holes.end()
                return
            except READ_ERRORS as error:
                self.failures.count += 1
                in_a_row += 1
                if last is not None and not isinstance(error, IndexError):
                    losses.add(losses.unread, stamp_of(last))

    def packets_from(self, tick: int) -> tuple[int | None, Iterator[VideoPacket]]:
        """Packets from a keyframe shown at or before `tick`, and that keyframe's stamp.

        From the beginning, and None, where no such keyframe can be sought. A container may land after the keyframe it
        was asked for, so what it gives is checked and the step back doubled.
        """
        back, second = 0, max(1, round(1 / self.clock.time_base))
        first = self.stream.start_time or 0
        while tick - back > first:
            packets = self.packets()
            try:
                self.container.seek(tick - back, stream=self.stream)
            except READ_ERRORS:
                break
            key = next((packet for packet in packets if packet.is_keyframe), None)
            if key is not None and key.pts is not None and key.pts <= tick:
                return key.pts, chain([key], _without_leading(packets, key.pts))
            back = max(2 * back, second)
        if tick > first:
            self.rewind()
        return None, self.packets()


def _without_leading(packets: Iterable[VideoPacket], key: int) -> Iterator[VideoPacket]:
    """Leave out pictures shown before the keyframe of entry: what they refer to was not decoded."""
    return (packet for packet in packets if packet.pts is None or packet.pts >= key)
