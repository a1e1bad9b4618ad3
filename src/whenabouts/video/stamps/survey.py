"""What must be known of a file before its stamps can be believed; found once for each file, by reading packets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from whenabouts.errors import VideoError
from whenabouts.files.state import FileState
from whenabouts.video.limits import Limits
from whenabouts.video.source import READ_ERRORS, check_size, open_media, picture_stream
from whenabouts.video.stamps.anchors import anchored, lag_of
from whenabouts.video.stamps.continued import LEAP, Continued, may_restart, read_leaps, read_parts

__all__ = ["Survey", "VideoPacket", "continued", "in_order", "survey"]

VideoPacket: TypeAlias = "Packet[VideoStream]"
S = TypeVar("S", bound=Stream)

# Streams without a container: pictures one behind the other, and no stamp with any of them.
RAW = frozenset(
    {
        *("h261", "h263", "h264", "hevc", "vvc", "mpegvideo", "m4v", "mjpeg", "obu", "av1"),
        *("cavsvideo", "avs2", "avs3", "dirac", "dnxhd", "vc1"),
    }
)
BY_HEADER = frozenset({"flv", "matroska,webm", "asf", "ogg"})  # what they state of their length may be of no packet
MPEG = frozenset({"mpegts", "mpeg"})
ANCHORED = frozenset({"mpeg1video", "mpeg2video"})
USUAL_RATE = 25  # pictures a second where nothing is stated, as FFmpeg has it
FASTEST = 300  # pictures a second; some streams state the ticks of their clock instead
SPARSE = 4096  # bytes a second: where a file has fewer, its length is doubted
MOST_TOLD = 8  # joints in a note
FIRST = 48  # packets by which it is known what stamps a stream has


@dataclass(frozen=True, slots=True)
class Survey:
    """How the stamps of a file are to be read.

    step:      seconds from picture to picture, where packets lack stamps
    late:      seconds from a picture's turn to the one at which it leaves the decoder, for a stream that has stamps of
               decoding only; None where it has stamps of presentation
    lag:       seconds that `anchored` is early, where only the stamps of blocks of pictures are believed
    lead:      seconds from the first stamp of decoding to the first picture
    seekable:  whether packets have their stamps also where reading begins in the middle
    continued: what is done to stamps that do not make one clock; None where they do
    notes:     what was taken for granted, in sentences
    """

    step: Fraction | None = None
    late: Fraction | None = None
    lag: Fraction | None = None
    lead: Fraction = Fraction(0)
    seekable: bool = True
    continued: Continued | None = None
    notes: tuple[str, ...] = ()

    def believed(self, packets: Iterable[Packet[S]], stream: VideoStream) -> Iterator[Packet[S]]:
        """The packets of a file, with the stamps that are to be believed; not yet on one clock."""
        if self.lag is not None:
            return anchored(packets, stream, self.lag)
        return iter(packets) if self.late is None else in_order(packets, self, stream)


def survey(path: Path, limits: Limits) -> Survey:
    """The survey of a file, remembered until it is changed. Raises VideoError."""
    try:
        state = FileState.of(path.stat())
    except (OSError, ValueError):
        return _survey(path, limits)  # which says what is wrong
    return _remembered(path, limits, state)


def continued(path: Path, limits: Limits) -> Continued | None:
    """What is done to the stamps of a file that do not make one clock; None for others, and for sound alone."""
    try:
        return survey(path, limits).continued
    except VideoError:
        return None


@lru_cache(maxsize=256)
def _remembered(path: Path, limits: Limits, _state: FileState) -> Survey:
    return _survey(path, limits)


def _survey(path: Path, limits: Limits) -> Survey:
    with open_media(path, limits) as container:
        stream = picture_stream(container, path)
        check_size(path, stream.width, stream.height, Fraction(1), limits)
        name = container.format.name
        if name in RAW:
            return _raw(container, stream)
        if name in MPEG:
            return _mpeg(container, stream, path, limits)
        size = container.size
        if _is_sparse(container, size):
            return _of_leaps(read_leaps(_timed(container)))
        by = _order(container, stream) if stream.codec_context.has_b_frames else Survey()
    if name in BY_HEADER and size < SPARSE * LEAP:
        with open_media(path, limits) as container:
            leaping = read_leaps(_timed(container))
        return _of_leaps(leaping) if leaping.leaps else by
    return by


def _raw(container: InputContainer, stream: VideoStream) -> Survey:
    rate = _rate(stream)
    note = (
        f"a raw {stream.codec_context.codec.canonical_name} stream has no time stamps: its pictures are taken to come "
        f"at {float(rate):.6g} a second"
    )
    return replace(_order(container, stream, raw=True), step=1 / rate, seekable=False, notes=(note,))


def _base(stream: VideoStream) -> Fraction:
    return Fraction(stream.time_base or Fraction(1, av.time_base))


def _rate(stream: VideoStream) -> Fraction:
    stated = stream.codec_context.framerate
    return Fraction(stated if stated and stated <= FASTEST else stream.average_rate or USUAL_RATE)


def _mpeg(container: InputContainer, stream: VideoStream, path: Path, limits: Limits) -> Survey:
    """Of a transport or program stream: it may be of parts, and may stamp a block of pictures once."""
    name = container.format.name
    by = _order(container, stream) if stream.codec_context.has_b_frames or name == "mpeg" else Survey()
    if breaks := may_restart(path, name):
        with open_media(path, limits) as again:
            return _of_parts(read_parts(by.believed(_timed(again), stream), stream.index, breaks), by)
    return by


def _timed(container: InputContainer) -> Iterator[Packet[Stream]]:
    return container.demux(*container.streams.video, *container.streams.audio)


def _of_parts(joined: Continued, by: Survey) -> Survey:
    if not joined.parts:
        return by
    first, *others = joined.parts
    times = ", ".join(f"{float(part.begin - first.begin):.2f}" for part in others[:MOST_TOLD])
    more = ", …" if len(others) > MOST_TOLD else ""
    note = f"the time stamps begin anew where recordings were joined; the clock goes on there, at {times}{more} s"
    return replace(by, continued=joined, notes=(note,))


def _of_leaps(leaping: Continued) -> Survey:
    if not leaping.leaps:
        return Survey()
    lost = float(sum(leap.cut for leap in leaping.leaps))
    note = (
        f"the time stamps leap, by {lost:.0f} s in all, with neither picture nor sound in between; "
        "the clock goes on as if they did not"
    )
    return Survey(continued=leaping, notes=(note,))


def _is_sparse(container: InputContainer, size: int) -> bool:
    """Whether a file has next to nothing for each second of its length, or of an hour where it states none."""
    seconds = Fraction(container.duration, av.time_base) if container.duration else LEAP
    return seconds >= LEAP and size < SPARSE * seconds


def _order(container: InputContainer, stream: VideoStream, *, raw: bool = False) -> Survey:
    """How a stream is stamped whose codec may hold pictures back: by presentation, by decoding, or now and then.

    Stamps of presentation of a raw stream are FFmpeg's guess, and not believed.
    """
    packets = _first_packets(container, stream)
    if stream.codec_context.name in ANCHORED and container.format.name in MPEG:
        return Survey(lag=lag_of(packets, stream))
    shown = [packet.pts for packet in packets if packet.pts is not None]
    gaps = any(packet.dts is None for packet in packets)
    stamped = 2 * len(shown) > len(packets) and any(packet.pts not in (None, packet.dts) for packet in packets)
    if stamped and not raw:
        return Survey()
    known = [(number, packet.dts) for number, packet in enumerate(packets) if packet.dts is not None]
    step, base = 1 / _rate(stream), _base(stream)
    if len(known) > 1:
        (before, first), (after, last) = known[0], known[-1]
        step = Fraction(last - first, after - before) * base
    begin = packets[0].pts if packets else None
    turns = _turns(stream, list(in_order(packets, Survey(step), stream)))
    if turns.out is None or (len(shown) == len(packets) and turns.untangled and not raw):
        return Survey()
    lead = 0 if begin is None else begin - turns.first
    return Survey(step if gaps else None, (turns.out - turns.first) * base, lead=lead * base, seekable=not gaps)


def in_order(packets: Iterable[Packet[S]], by: Survey, stream: VideoStream) -> Iterator[Packet[S]]:
    """The packets; those of pictures with their turns as stamps of decoding, and none of presentation."""
    base, turn = _base(stream), None
    for packet in packets:
        if packet.stream_index == stream.index:
            if packet.dts is not None:
                turn = packet.dts + by.lead / base
            elif by.step is not None:
                turn = Fraction(0) if turn is None else turn + by.step / base
            packet.pts, packet.dts = None, None if turn is None else round(turn)
        yield packet


def _first_packets(container: InputContainer, stream: VideoStream) -> list[VideoPacket]:
    found = list[VideoPacket]()
    with suppress(*READ_ERRORS):
        found += islice((packet for packet in container.demux(stream) if packet.size), FIRST)
    return found


class _Turns(NamedTuple):
    """Ticks of the `first` packet, and of the one that drove the first picture `out`, None without a picture.

    `untangled` is whether pictures come out in the order of their packets.
    """

    first: int
    out: int | None
    untangled: bool


def _turns(stream: VideoStream, packets: Sequence[VideoPacket]) -> _Turns:
    out, given = None, list[int]()
    for packet in packets:
        packet.pts = packet.dts  # a picture comes out with the stamp of its own packet here
        with suppress(av.FFmpegError, OSError):
            for frame in stream.codec_context.decode(packet):
                out = frame.dts if out is None else out
                given += [] if frame.pts is None else [frame.pts]
    first = packets[0].dts if packets and packets[0].dts is not None else 0
    return _Turns(first, out, all(before < after for before, after in pairwise(given)))
