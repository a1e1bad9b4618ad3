"""One clock for a file whose stamps do not make one: they begin anew where recordings were joined, or leap for days.

Recordings of transport and program streams may be joined byte after byte; each keeps its own stamps, and a reader who
believes them loses all but one. Here the clock goes on where it stopped, as players do it. And one stamp that is wrong
can state a week between two pictures, which nobody could look through: such a leap is closed.
"""

from __future__ import annotations

import mmap
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from av.packet import Packet
from av.stream import Stream
from numpy.typing import NDArray

from whenabouts.video.source import READ_ERRORS

__all__ = ["LEAP", "Continued", "Leap", "Part", "may_restart", "read_leaps", "read_parts"]

S = TypeVar("S", bound=Stream)

LEAP = Fraction(3600)  # seconds without a picture or a sound that are believed
LAST = 2  # packets of a stream that may seem damaged before a joint
WRAP = Fraction(1 << 33, 90_000)  # seconds after which stamps of MPEG begin anew
SYNC, SIZES, TOLD_BY = 0x47, (188, 192, 204), 8  # of the packets of a transport stream; the packets that tell the size
PACK = re.compile(rb"\x00\x00\x01\xba([\x20-\x2f\x40-\x7f].{4})", re.DOTALL)  # with the clock of a program stream


class Part(NamedTuple):
    """A recording from byte `position` on, whose first stamp is `first`; it begins at `begin` on the one clock.

    `ends` are the bytes at which the last packets before a joint lie: FFmpeg takes them for damaged, as others should
    follow.
    """

    position: int
    first: Fraction
    begin: Fraction
    ends: frozenset[int]


class Leap(NamedTuple):
    """Stamps from `time` on are `cut` too late, in seconds of the container's own stamps."""

    time: Fraction
    cut: Fraction


@dataclass(frozen=True, slots=True)
class Continued:
    """What is to be done to the stamps of every packet: by the part in which it lies, or by what it states.

    `keys` are the keyframes of a file of parts, in order: their stamps on the one clock in seconds, and their bytes.
    """

    parts: tuple[Part, ...] = ()
    leaps: tuple[Leap, ...] = ()
    keys: tuple[tuple[Fraction, int], ...] = ()

    def mended(self, packets: Iterable[Packet[S]]) -> Iterator[Packet[S]]:
        """The packets as they are read, with their stamps put on the one clock."""
        at = dict[int, int]()  # of each stream: packets that begin in the middle of a block do not say where they are
        for packet in packets:
            base, stream = Fraction(packet.time_base), packet.stream_index
            at[stream] = at.get(stream, 0) if packet.pos is None else packet.pos
            if self.parts and at[stream] in self._part(at[stream]).ends:
                packet.is_corrupt = False
            if packet.pts is not None:
                packet.pts = round(self.time(packet.pts * base, at[stream]) / base)
            if packet.dts is not None:
                packet.dts = round(self.time(packet.dts * base, at[stream]) / base)
            yield packet

    def time(self, stamp: Fraction, position: int) -> Fraction:
        """The stamp of a packet on the one clock, in seconds; `position` is the byte where the packet lies."""
        if self.parts:
            part = self._part(position)
            return part.begin + _unwrapped(stamp - part.first)
        return stamp - sum((leap.cut for leap in self.leaps if stamp >= leap.time), Fraction(0))

    def stated(self, time: Fraction) -> Fraction:
        """What the container states, in seconds, for a time on the one clock of a file that is not of parts."""
        for leap in self.leaps:
            time += leap.cut if time >= leap.time - leap.cut else 0
        return time

    def key_before(self, time: Fraction) -> int | None:
        """The byte at which the last keyframe not after a time lies; None without one."""
        known = bisect_right(self.keys, time, key=lambda key: key[0])
        return self.keys[known - 1][1] if known else None

    def _part(self, position: int) -> Part:
        return self.parts[max(0, bisect_right(self.parts, position, key=lambda part: part.position) - 1)]


def may_restart(path: Path, format_name: str) -> tuple[int, ...]:
    """The bytes after which the clock of a transport or program stream steps back: each lies in the older recording.

    Only the clock of the multiplex is looked at, at the speed of the disk.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        clocks = _transport_clocks(content) if format_name == "mpegts" else _program_clocks(content)
        found = [at[:-1][_steps(ticks) < 0] for at, ticks in clocks]
    return tuple(sorted({int(at) for one in found for at in one}))


def _steps(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """How far a clock of 33 bits goes from each reading to the next, the shorter way round."""
    half = int(WRAP * 90_000) // 2
    return (np.diff(ticks) + half) % (2 * half) - half


def _transport_clocks(content: mmap.mmap) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Where each programme's clock is read, and what it says in ticks of 1/90000 s."""
    begin, size = next(
        (
            (begin, size)
            for size in SIZES
            for begin in range(min(size, len(content) - TOLD_BY * size))
            if all(content[begin + k * size] == SYNC for k in range(TOLD_BY))
        ),
        (0, 0),
    )
    if not size:
        return []
    rows = np.frombuffer(content, np.uint8, (len(content) - begin) // size * size, begin).reshape(-1, size)
    with_clock = np.flatnonzero((rows[:, 3] & 0x20 > 0) & (rows[:, 0] == SYNC))
    with_clock = with_clock[(rows[with_clock, 4] > 6) & (rows[with_clock, 5] & 0x10 > 0)]
    heads = rows[with_clock, :12].astype(np.int64)
    del rows  # holds the mapped file open
    stream = (heads[:, 1] & 0x1F) << 8 | heads[:, 2]
    ticks = heads[:, 6] << 25 | heads[:, 7] << 17 | heads[:, 8] << 9 | heads[:, 9] << 1 | heads[:, 10] >> 7
    return [(begin + with_clock[of] * size, ticks[of]) for of in (stream == one for one in np.unique(stream))]


def _program_clocks(content: mmap.mmap) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """As of a transport stream; MPEG-1 has the same bits as MPEG-2, two to the right."""
    at, ticks = [], []
    for found in PACK.finditer(content):
        a, b, c, d, e = found[1]
        first = a >> 1 & 7 if a < 0x40 else a >> 3 & 7
        if a < 0x40:
            low = b << 22 | c >> 1 << 15 | d << 7 | e >> 1
        else:
            low = (a & 3) << 28 | b << 20 | c >> 3 << 15 | (c & 3) << 13 | d << 5 | e >> 3
        at.append(found.start())
        ticks.append(first << 30 | low)
    return [(np.array(at, np.int64), np.array(ticks, np.int64))]


class _Stamped(NamedTuple):
    """A packet of pictures or of sound: its stream, byte, and stamps in seconds; `key` where decoding can start."""

    stream: int
    position: int
    decoded: Fraction
    shown: Fraction | None
    length: Fraction
    key: bool


def read_parts(packets: Iterable[Packet[Stream]], picture: int, breaks: Sequence[int]) -> Continued:
    """Where recordings begin near `breaks`, from every packet; `picture` is the number of the picture stream."""
    stamped = sorted(_stamped(packets), key=lambda one: one.position)
    pieces: list[list[_Stamped]] = [[]]
    before: dict[int, Fraction] = {}
    ahead = list(breaks)
    for one in stamped:
        if ahead and one.position > ahead[0] and _unwrapped(one.decoded - before.get(one.stream, one.decoded)) < 0:
            pieces.append([])
            before = {}
            while ahead and ahead[0] < one.position:
                del ahead[0]
        before[one.stream] = one.decoded
        pieces[-1].append(one)
    if len(pieces) == 1:
        return Continued()
    parts: list[Part] = []
    begin = _first(pieces[0])
    for piece in pieces:
        first = _first(piece)
        joint = frozenset(_ending(piece) if piece is not pieces[-1] else ())
        parts.append(Part(piece[0].position, first, begin, joint))
        begin += _end(piece) - first
    joined = Continued(tuple(parts))
    keys = [
        (joined.time(one.shown, one.position), one.position)
        for one in stamped
        if one.key and one.shown is not None and one.stream == picture
    ]
    return replace(joined, keys=tuple(sorted(keys)))


def read_leaps(packets: Iterable[Packet[Stream]]) -> Continued:
    """Where nothing is shown or heard for longer than is believed."""
    stamps = sorted({one.shown for one in _stamped(packets) if one.shown is not None})
    steps = [after - before for before, after in pairwise(stamps)]
    usual = sorted(step for step in steps if step <= LEAP)
    length = usual[len(usual) // 2] if usual else Fraction(1)
    leaps = (Leap(after, step - length) for after, step in zip(stamps[1:], steps, strict=True) if step > LEAP)
    return Continued(leaps=tuple(leaps))


def _stamped(packets: Iterable[Packet[Stream]]) -> list[_Stamped]:
    found: list[_Stamped] = []
    at: dict[int, int] = {}
    try:
        for packet in packets:
            base = Fraction(packet.time_base)
            position = at[packet.stream_index] = (
                packet.pos if packet.pos is not None else at.get(packet.stream_index, 0)
            )
            stamp = packet.dts if packet.dts is not None else packet.pts
            if packet.size and stamp is not None:
                shown = None if packet.pts is None else packet.pts * base
                known = packet.is_keyframe and packet.pos is not None
                found.append(
                    _Stamped(packet.stream_index, position, stamp * base, shown, (packet.duration or 0) * base, known)
                )
    except READ_ERRORS:
        pass  # what was read before the damage is mended
    return found


def _unwrapped(length: Fraction) -> Fraction:
    """A distance of stamps of 33 bits, the shorter way round."""
    return (length + WRAP / 2) % WRAP - WRAP / 2


def _first(part: Sequence[_Stamped]) -> Fraction:
    """The earliest stamp of a recording."""
    start = part[0].decoded
    shown = [one.shown for one in part if one.shown is not None] or [one.decoded for one in part]
    return start + min(_unwrapped(stamp - start) for stamp in shown)


def _ending(part: Sequence[_Stamped]) -> Iterator[int]:
    """Where the last packets of every stream of a recording lie."""
    for stream in {one.stream for one in part}:
        yield from [one.position for one in part if one.stream == stream][-LAST:]


def _end(part: Sequence[_Stamped]) -> Fraction:
    """When the last picture or sound of a recording ends.

    A stream's last packet says how long it stays; where it does not, as long as the one before.
    """
    start, ends = part[0].decoded, []
    for stream in {one.stream for one in part}:
        packets = [one for one in part if one.stream == stream]
        stamps = sorted(_unwrapped((one.decoded if one.shown is None else one.shown) - start) for one in packets)
        ends.append(stamps[-1] + (packets[-1].length or stamps[-1] - stamps[-2:][0]))
    return start + max(ends)
