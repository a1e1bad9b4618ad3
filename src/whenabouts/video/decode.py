"""Packets in, pictures out, in order of presentation; damaged data is counted and skipped."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from fractions import Fraction
from typing import Self

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from whenabouts.files.threads import allowed_threads
from whenabouts.isolation.pulse import beat
from whenabouts.video.damage.failures import Failures, stamp_of
from whenabouts.video.plan import Step
from whenabouts.video.reader import Reader, VideoPacket, ticks_per_picture

__all__ = ["Damaged", "Decoder", "FalseEntry", "Picture"]

Picture = tuple[int, VideoFrame]  # stamp in ticks of the stream's time base

MAX_THREADS = 16  # FFmpeg advises against more
# Decoders that show what they guess of damaged data without a mark, unless told to look closer, or to refuse it.
STRICT = dict.fromkeys(("wmv1", "wmv2", "msmpeg4v1", "msmpeg4v2", "msmpeg4"), "bitstream+buffer")
REFUSING = {"mjpeg": "explode"}
HELD = 50_000_000  # pixels of the pictures that threads hold at once, beyond four of them: six of 4K of 8 bits


class FalseEntry(Exception):
    """A keyframe at which decoding began did not come out: those after it may lack what they refer to."""


class Damaged(Exception):
    """A packet could not be decoded, and pictures near it may have been lost with it."""


class Decoder:
    """Feeds a stream's packets to its codec and gives pictures with their stamps, ever increasing.

    A packet that fails is counted. With `careful` only that packet is lost: pictures are decoded one after the other,
    since FFmpeg may drop the neighbours that other threads were at. Without it, `carry_out` raises Damaged.

    Where packets have no stamp of presentation, pictures come out `late` ticks after their turn, and those that come
    out last every `step` ticks: what the stream states, for None. `patience` waits for the next picture before one is
    given, so that a single stamp that runs ahead does not hide all that follow.
    """

    def __init__(
        self,
        stream: VideoStream,
        failures: Failures,
        *,
        careful: bool = False,
        late: int = 0,
        step: int | None = None,
        patience: bool = False,
    ) -> None:
        self._codec = stream.codec_context
        self._careful = careful
        if not self._codec.is_open:
            stream.thread_type = "SLICE" if careful else "AUTO"
            deep = self._codec.format is not None and any(each.bits > 8 for each in self._codec.format.components)
            held = HELD // max(1, self._codec.width * self._codec.height * (2 if deep else 1))
            self._codec.thread_count = allowed_threads(min(MAX_THREADS, max(4, held)))
            if (detect := (STRICT | REFUSING).get(self._codec.name)) is not None:
                self._codec.options = {"err_detect": detect}
        self._late, self._patience = late, patience
        self._held: Picture | None = None
        self._step = ticks_per_picture(stream) if step is None else step
        self._time_base = Fraction(stream.time_base or Fraction(1, av.time_base))
        self._failures = failures
        self._last: int | None = None
        self._sent: VideoPacket | None = None

    @classmethod
    def of(cls, reader: Reader, *, careful: bool = False) -> Self:
        """For the pictures of a file."""
        return cls(reader.stream, reader.failures, careful=careful, late=reader.late, step=reader.step, patience=True)

    def pictures(self, packets: Iterable[VideoPacket]) -> Iterator[Picture]:
        """Every picture of `packets`, then those still in the codec."""
        for packet in packets:
            yield from self.send(packet)
        yield from self.drain()

    def send(self, packet: VideoPacket | None) -> Iterator[Picture]:
        """The pictures that come out after `packet` goes in; one that would step back in time is passed over."""
        try:
            frames = self._codec.decode(packet)
        except (av.FFmpegError, OSError):
            frames = self._as_well_as_possible(packet) if packet is not None and self._careful else []
            self._fail(packet, shown=bool(frames))
        self._failures.decoded += len(frames)
        if frames:
            beat()
        self._sent = packet or self._sent
        for frame in frames:
            yield from self._in_order(self._stamp(frame), frame)

    def _as_well_as_possible(self, packet: VideoPacket) -> list[VideoFrame]:
        """The picture of a packet that was refused, where no other builds on it."""
        if self._codec.name not in REFUSING:
            return []
        decoder = av.CodecContext.create(self._codec.name, "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.extradata = self._codec.extradata
        try:
            return [*decoder.decode(packet), *decoder.decode(None)]
        except (av.FFmpegError, OSError):
            return []

    def _in_order(self, tick: int, frame: VideoFrame) -> Iterator[Picture]:
        """The picture, where its stamp is later than the last; with `patience`, the one before, which is certain then.

        That had a wrong stamp where this one, though before it, is after the last: it comes between the two.
        """
        if self._last is not None and tick <= self._last:
            return
        if not self._patience:
            yield from self._give(tick, frame)
            return
        if self._held is None or tick > self._held[0]:
            held, self._held = self._held, (tick, frame)
            if held is not None:
                yield from self._give(*held)
        elif tick < self._held[0] and self._last is not None:
            _, ahead = self._held
            self._held = tick, frame
            between = min(self._last + self._step, (self._last + tick) // 2)
            if between > self._last:
                yield from self._give(between, ahead)

    def _give(self, tick: int, frame: VideoFrame) -> Iterator[Picture]:
        self._last = tick
        yield tick, frame
        if frame.is_corrupt:  # said after it was taken: where decoding began at no true entry, it is not
            losses = self._failures.pictures
            losses.add(losses.marred, float(tick * self._time_base))

    def _fail(self, packet: VideoPacket | None, *, shown: bool) -> None:
        self._failures.count += 1
        failed = packet or self._sent
        if self._careful and failed is not None:  # several threads tell of a failure when later packets went in
            losses = self._failures.pictures
            losses.add(losses.marred if shown else losses.unread, stamp_of(failed))

    def carry_out(self, steps: Iterable[Step], entry: int | None = None) -> Iterator[Picture]:
        """The pictures of a plan; more may come out than it wants.

        `entry` is the stamp of the keyframe that was sought, if one was. Raises FalseEntry where decoding begins at a
        keyframe that does not come out itself, as in streams that refresh by and by, and Damaged.
        """
        known, sent = self._failures.count, False
        skip = self._codec.name == "h264"  # its nal_ref_idc = 0 says for certain that nothing refers to a picture
        for step in steps:
            if step.fresh:
                entry = yield from self._entered(self.drain(), entry)
                if sent and entry is not None:
                    raise FalseEntry
                entry = step.packet.pts
            if skip:
                self._codec.skip_frame = "DEFAULT" if step.needed else "NONREF"
            sent = True
            entry = yield from self._entered(self.send(step.packet), entry)
            if self._failures.count > known and not self._careful:
                raise Damaged
        entry = yield from self._entered(self.drain(), entry)
        if self._failures.count > known and not self._careful:
            raise Damaged
        if sent and entry is not None:
            raise FalseEntry

    @staticmethod
    def _entered(pictures: Iterator[Picture], entry: int | None) -> Generator[Picture, None, int | None]:
        """The pictures, and the stamp that the first of them must have as long as none came out."""
        for picture in pictures:
            if entry is not None and picture[0] != entry:
                raise FalseEntry
            entry = None
            yield picture
        return entry

    def drain(self) -> Iterator[Picture]:
        """The pictures still in the codec, which is then ready for a new keyframe."""
        yield from self.send(None)
        held, self._held = self._held, None
        if held is not None:
            yield from self._give(*held)
        self._codec.flush_buffers()

    def _stamp(self, frame: VideoFrame) -> int:
        if frame.pts is not None:
            return frame.pts
        # Else a picture has the decoding stamp of the packet that drove it out; those that come out last have none.
        last = self._last if self._held is None else self._held[0]
        if frame.dts is not None and (last is None or frame.dts - self._late > last):
            return frame.dts - self._late
        return 0 if last is None else last + self._step
