"""Reads the packets of a file's picture stream, from the beginning or from a keyframe before a given time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Stream
from av.video.stream import VideoStream

from whenabouts.video.clock import Clock, container_start, first_stamp
from whenabouts.video.damage.failures import Failures, stamp_of
from whenabouts.video.damage.holes import Holes
from whenabouts.video.limits import Limits
from whenabouts.video.source import AT_END, READ_ERRORS, open_media, picture_stream
from whenabouts.video.stamps.strays import without_strays
from whenabouts.video.stamps.survey import Survey, VideoPacket, survey

__all__ = ["Reader", "VideoPacket", "ticks_per_picture"]

S = TypeVar("S", bound=Stream)

GIVE_UP_AFTER = 64
BACK = 0.25  # seconds by which a keyframe is before the last one where stamps begin anew; by less, writers err
OVERTAKEN = 32  # pictures that may be shown before a keyframe that stands before them in the file


class Reader:
    """An open file, its picture stream and its clock; closed by leaving its context. Opening raises VideoError."""

    container: InputContainer
    stream: VideoStream
    clock: Clock
    survey: Survey

    def __init__(self, path: Path, limits: Limits, failures: Failures) -> None:
        self.path = path
        self.failures = failures
        self._limits = limits
        self.survey = survey(path, limits)
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

    @property
    def late(self) -> int:
        """Ticks by which a picture leaves the decoder after its turn, where its packets do not state when it is."""
        return round((self.survey.late or 0) / self.clock.time_base)

    @property
    def step(self) -> int:
        """Ticks from picture to picture at the rate that the file states, at least 1."""
        step = self.survey.step
        return ticks_per_picture(self.stream) if step is None else max(1, round(step / self.clock.time_base))

    def packets(self) -> Iterator[VideoPacket]:
        """Packets of pictures from here on, in file order, without the empty one at the end.

        A failed read is counted and tried again, since many demuxers find their way after damage; many in a row end it.
        """
        losses = self.failures.pictures
        holes = Holes(self.path, self.container, self.stream, losses)
        key = before = -math.inf
        for packet in self.stamped(self._read(holes)):
            holes.see(packet)
            at = stamp_of(packet)
            if packet.is_keyframe and at is not None:
                self.failures.keyframe(packet)
                if at < key - BACK:
                    losses.add(losses.returns, (at, before))
                key = at
            before = before if at is None else at
            if packet.is_corrupt:
                losses.add(losses.marred, at)
            yield packet

    def _read(self, holes: Holes) -> Iterator[VideoPacket]:
        in_a_row = 0
        last: VideoPacket | None = None
        losses = self.failures.pictures
        while in_a_row < GIVE_UP_AFTER:
            try:
                for packet in self.container.demux(self.stream):
                    if packet.size:
                        in_a_row, last = 0, packet
                        yield packet
                holes.end()
                return
            except READ_ERRORS as error:
                in_a_row += 1
                if isinstance(error, AT_END):
                    continue
                self.failures.count += 1
                if last is not None and not isinstance(error, IndexError):
                    losses.add(losses.unread, stamp_of(last))

    def stamped(self, packets: Iterable[Packet[S]]) -> Iterator[Packet[S]]:
        """Packets of any streams from here on, on the one clock that the survey of the file found."""
        believed = self.survey.believed(packets, self.stream)
        return self.survey.continued.mended(believed) if self.survey.continued else believed

    def begins(self) -> list[int]:
        """The stamps of all pictures in order, by the packets from here on; none where most packets have none."""
        packets = [packet for packet in self.packets() if not packet.is_discard]
        if self.survey.late is None:
            stated = [packet.pts for packet in packets if packet.pts is not None]
            stamps = np.unique(without_strays(stated, reordered=self.stream.codec_context.has_b_frames)).tolist()
            return stamps if 2 * len(stamps) > len(packets) else []
        turns = sorted({packet.dts for packet in packets if packet.dts is not None})
        known = [turn - self.late for turn in turns if turn - self.late >= turns[0]]
        last = (known or turns)[-1]
        return known + [last + self.step * (k + 1) for k in range(len(turns) - len(known))]

    def packets_from(self, tick: int) -> tuple[int | None, Iterator[VideoPacket]]:
        """Packets from a keyframe shown at or before `tick`, and that keyframe's stamp.

        From the beginning, and None, where no such keyframe can be sought. A container may land after the keyframe it
        was asked for, so what it gives is checked and the step back doubled. Where packets do not say when a picture is
        shown, the keyframe is one that stands well before, and None.
        """
        unknown = self.survey.late is not None
        back, second = 0, max(1, round(1 / self.clock.time_base))
        first = self.stream.start_time or 0
        latest = tick - (OVERTAKEN * self.step if unknown else 0)
        while latest - back > first and self._seek(latest - back):
            packets = self.packets()
            key = next((packet for packet in packets if packet.is_keyframe), None)
            stamp = None if key is None else key.dts if unknown else key.pts
            if key is not None and stamp is not None and stamp <= latest:
                return (
                    (None, chain([key], packets))
                    if unknown
                    else (stamp, chain([key], _without_leading(packets, stamp)))
                )
            back = max(2 * back, second)
        if tick > first:
            self.rewind()
        return None, self.packets()

    def _seek(self, tick: int) -> bool:
        """Go to a keyframe near `tick`; False where that is impossible."""
        continued = self.survey.continued
        if not self.survey.seekable:
            return False
        try:
            if continued is None:
                self.container.seek(tick, stream=self.stream)
            elif continued.parts:
                place = continued.key_before(tick * self.clock.time_base)
                if place is None:
                    return False
                self.container.seek(place, unsupported_byte_offset=True)
            else:
                stated = continued.stated(tick * self.clock.time_base) / self.clock.time_base
                self.container.seek(math.floor(stated), stream=self.stream)
        except READ_ERRORS:
            return False
        return True


def _without_leading(packets: Iterable[VideoPacket], key: int) -> Iterator[VideoPacket]:
    """Leave out pictures shown before the keyframe of entry: what they refer to was not decoded."""
    return (packet for packet in packets if packet.pts is None or packet.pts >= key)


def ticks_per_picture(stream: VideoStream) -> int:
    """The distance of two pictures at the rate that a stream states, in ticks of its time base, at least 1."""
    rate = stream.guessed_rate or stream.average_rate
    if not rate or not stream.time_base:
        return 1
    return max(1, round(1 / (Fraction(rate) * Fraction(stream.time_base))))
