"""The pictures that are wanted of a live stream: the first of each stretch of 1 / fps seconds, at their true times."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from whenabouts.video.clock import NANOSECOND, Clock
from whenabouts.video.damage.failures import Failures
from whenabouts.video.decode import Decoder
from whenabouts.video.frame import Frame, Painter
from whenabouts.video.limits import Limits
from whenabouts.video.probe import aspect
from whenabouts.video.reader import VideoPacket

__all__ = ["Pictures", "View"]


@dataclass(frozen=True, slots=True)
class View:
    """What decodes one connection's pictures; usable after its container was closed."""

    codec: VideoCodecContext
    clock: Clock
    decoder: Decoder
    painter: Painter

    @classmethod
    def of(cls, stream: VideoStream, clock: Clock, size: int | None, failures: Failures, *, at_once: bool) -> View:
        """Take what is needed from an open stream; `at_once` gives pictures as they come, on one core."""
        decoder, painter = Decoder(stream, failures, careful=at_once), Painter(size, sar=aspect(stream))
        return cls(stream.codec_context, clock, decoder, painter)


class Pictures:
    """Decodes one connection's pictures after another's; times that it gives always increase.

    `step` is in seconds, None for every picture, and nothing before `start_at` is given. Of H.264, pictures that are
    not wanted and that no other refers to are not decoded.
    """

    def __init__(self, step: Fraction | None, start_at: Fraction, limits: Limits, failures: Failures) -> None:
        self._step, self._limits, self._failures = step, limits, failures
        self._slot = -1
        self._last = start_at - NANOSECOND

    def open(self, view: View) -> None:
        """Go on with another connection."""
        self._view = view
        self._skips = view.codec.name == "h264" and self._step is not None

    def send(self, packet: VideoPacket | None) -> Iterator[Frame]:
        """The wanted pictures that come out after a packet goes in; with None, those still in the codec."""
        if packet is not None and self._skips:
            self._view.codec.skip_frame = "DEFAULT" if self._may_be_wanted(packet) else "NONREF"
        decoder = self._view.decoder
        for tick, picture in decoder.send(packet) if packet is not None else decoder.drain():
            time = self._view.clock.time(tick)
            slot = self._slot_of(time)
            if time <= self._last or slot == self._slot:
                continue
            if max(picture.width, picture.height) > self._limits.max_side or (
                picture.width * picture.height > self._limits.max_pixels
            ):
                self._failures.count += 1
                continue
            self._last, self._slot = time, slot
            yield Frame(float(time), self._view.painter.paint(picture))

    def _slot_of(self, time: Fraction) -> int:
        return self._slot + 1 if self._step is None else math.floor((time + NANOSECOND) / self._step)

    def _may_be_wanted(self, packet: VideoPacket) -> bool:
        """Whether it may be the first of its stretch: up to two pictures before, there was another stretch."""
        if packet.pts is None or not packet.duration:
            return True
        time = self._view.clock.time
        return self._slot_of(time(packet.pts - 2 * packet.duration)) != self._slot_of(time(packet.pts))
