"""Whether anything is lost between two packets of a file, where its demuxer skips damage without a word.

Matroska, WebM, AVI, FLV and Ogg are chains of elements that state their sizes, and the fragments of an MP4 are
numbered. Where the stamps of neighbouring packets leave a gap, the chain between them is followed: in a sound file it
leads from one to the other, in a damaged one it breaks. Only such gaps cost anything, a few bytes read for each element
in between; the pages of Ogg, which have checksums, are read as a whole.
"""

from __future__ import annotations

import math
import os
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from whenabouts.files.state import FileState
from whenabouts.video.damage import ogg
from whenabouts.video.damage.boxes import fragments_of
from whenabouts.video.damage.checksums import Checksums
from whenabouts.video.damage.ebml import ebml, vint
from whenabouts.video.damage.failures import Losses, stamp_of

__all__ = ["Holes"]

MOST_ELEMENTS = 100_000  # followed from one packet to the next; a longer way is not judged
MARKED = 4  # packets within which a transport stream that lost some of them marks one as damaged
LATE = 20  # packets after which a gap may show: H.264 and H.265 let 16 pictures overtake another
MARKING = ("mpegts", "mpeg")  # formats whose demuxers mark packets as damaged
USUAL = 1.5  # of a packet's length, up to which the next one follows without a gap

EBML_PARENTS = {0x1F43B675, 0xA0}  # Cluster, BlockGroup: what they hold is followed
EBML_BLOCKS = {0xA3, 0xA1}  # SimpleBlock, Block
EBML_IDS = EBML_PARENTS | EBML_BLOCKS | {
    *(0xE7, 0xA7, 0xAB, 0xAF, 0x5854, 0x58D7),  # in a Cluster: Timestamp, Position, PrevSize, …
    *(0xA2, 0x75A1, 0x9B, 0xFA, 0xFB, 0xFD, 0xA4, 0x75A2, 0x8E, 0xC8),  # in a BlockGroup: additions, duration, …
    *(0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367),  # in a Segment
    *(0xEC, 0xBF),  # Void, CRC-32
}  # fmt: skip
FLV_TAGS = {b"\x08", b"\x09", b"\x12"}
CHUNK_NAME = re.compile(rb"[ -~]{4}")


class _Seen(NamedTuple):
    """A packet, and when the last of those before it ends, in ticks of its stream; None for the first."""

    packet: Packet[Any]
    until: int | None


class Holes:
    """Follows the packets of one stream of a file, in their order."""

    def __init__(self, path: Path, container: InputContainer, stream: Stream, losses: Losses) -> None:
        self._path, self._losses = path, losses
        self._follow = FOLLOW.get(container.format.name)
        self._size = container.size or 0
        self._slips = _Slips(stream) if container.format.name == "avi" and stream.type == "video" else None
        self._checksums = Checksums(path) if container.format.name == "matroska,webm" else None
        self._altered: tuple[float, float] | None = None
        self._seen: deque[_Seen] = deque(maxlen=LATE)
        self._step = 0
        self._marked = 0  # packets for which a mark of damage still counts
        self._until: int | None = None
        self._silent = self._follow is not None or container.format.name in MARKING

    def see(self, packet: Packet[Any]) -> None:
        """Take the next packet, and look whether something is lost before it."""
        if not self._silent:
            return
        self._check(packet)
        self._marked = MARKED if packet.is_corrupt else self._marked - 1
        if self._slips and (slipped := self._slips.before(packet)):
            self._losses.add(self._losses.holes, slipped)
        last = self._seen[-1].packet if self._seen else None
        self._seen.append(_Seen(packet, self._until))
        if last is not None and last.dts is not None and packet.dts is not None:
            usual = max(last.duration or 0, self._step)
            self._step = packet.dts - last.dts
            if usual and self._step > USUAL * usual:
                self._judge(round(self._step / usual) - 1, usual)
        at = packet.pts if packet.pts is not None else packet.dts
        if at is not None and (self._until is None or at + (packet.duration or 0) > self._until):
            self._until = at + (packet.duration or 0)

    def end(self) -> None:
        """No more packets come: look whether what follows the last one in the file is sound."""
        if not self._seen or self._until is None:
            return
        last = self._seen[-1].packet
        if last.pos and not self._unbroken(last.pos, self._size):
            self._losses.add(self._losses.holes, (_seconds(last, self._until), math.inf))

    def _check(self, packet: Packet[Any]) -> None:
        """Tell of the stretch from the first packet among altered bytes to the last so far."""
        at = stamp_of(packet)
        if self._checksums is None or packet.pos is None or at is None:
            return
        if not self._checksums.broken(packet.pos):
            self._altered = None
            return
        begin, end = self._altered or (at, at)
        self._losses.altered.discard((begin, end))
        self._altered = min(begin, at), max(end, at + _seconds(packet, packet.duration or 0))
        self._losses.add(self._losses.altered, self._altered)

    def _judge(self, lacking: int, usual: int) -> None:
        """Find what is damaged before a gap of so many packets; where FFmpeg counts decoding stamps it shows late."""
        if self._marked > 0:
            self._add(self._seen[-1], lacking, usual)
            return
        for before, after in pairwise(self._seen):
            if before.packet.pos and after.packet.pos and not self._unbroken(before.packet.pos, after.packet.pos):
                self._add(after, lacking, usual)
                self._seen = deque([self._seen[-1]], maxlen=LATE)
                return

    def _add(self, after: _Seen, lacking: int, usual: int) -> None:
        """Nothing since what ends last, up to this packet; where pictures out of order fill that, single packets."""
        packet = after.packet
        stamp = packet.pts if packet.is_keyframe and packet.pts is not None else packet.dts or 0
        if after.until is not None and after.until < stamp:
            self._losses.add(self._losses.holes, (_seconds(packet, after.until), _seconds(packet, stamp)))
            return
        for k in range(1, min(lacking, LATE) + 1):
            self._losses.add(self._losses.unread, _seconds(packet, stamp - k * usual))

    def _unbroken(self, start: int, end: int) -> bool:
        try:
            with self._path.open("rb") as file:
                return start >= end or self._follow is None or self._follow(file, start, end)
        except OSError:
            return True  # nothing is known of it


class _Slips:
    """The pictures of an AVI by its index: FFmpeg counts on without those whose chunks it did not find."""

    def __init__(self, stream: Stream) -> None:
        self._index = {entry.pos: entry.timestamp for entry in getattr(stream, "index_entries", ())}
        self._slip = 0

    def before(self, packet: Packet[Any]) -> tuple[float, float] | None:
        """The stretch, in seconds, of the pictures that are lost just before this one."""
        if packet.dts is None or packet.pos is None:
            return None
        meant = self._index.get(packet.pos - 8, self._index.get(packet.pos))
        if meant is None or meant - packet.dts == self._slip:
            return None
        lost, self._slip = meant - packet.dts - self._slip, meant - packet.dts
        return (_seconds(packet, meant - lost), _seconds(packet, meant)) if lost > 0 else None


def _seconds(packet: Packet[Any], ticks: int) -> float:
    return float(ticks * Fraction(packet.time_base))


def _matroska(file: BinaryIO, start: int, end: int) -> bool:
    """Whether elements lead from the contents of the block at `start` to those of the block at `end`."""
    at = _end_of_block(file, start)
    if at is None:
        return True
    for _ in range(MOST_ELEMENTS):
        if at >= end:
            return at == end
        file.seek(at)
        head = file.read(12)
        name, size, inside = ebml(head)
        if name not in EBML_IDS:
            return False
        at += inside
        if at == end and name in EBML_BLOCKS:
            return True
        if name not in EBML_PARENTS:
            at += size
    return True


def _end_of_block(file: BinaryIO, start: int) -> int | None:
    """Where the block ends whose contents begin at `start`; its size stands in the bytes before."""
    file.seek(max(0, start - 9))
    before = file.read(min(start, 9))
    for length in range(1, min(9, len(before))):
        if before[-length - 1] in EBML_BLOCKS:
            size, taken = vint(before[-length:])
            if taken == length:
                return start + size
    return None


def _riff(file: BinaryIO, start: int, end: int) -> bool:
    """Whether chunks lead from the contents of the one at `start` to those of the one at `end`, or end there."""
    file.seek(start - 4)
    at = _next_chunk(start, int.from_bytes(file.read(4), "little"))
    for _ in range(MOST_ELEMENTS):
        if at >= end:
            return at == end
        file.seek(at)
        head = file.read(8)
        if not CHUNK_NAME.fullmatch(head[:4]):
            return False
        if at + 8 == end:
            return True
        size = int.from_bytes(head[4:], "little")
        at = at + 12 if head[:4] in {b"LIST", b"RIFF"} else _next_chunk(at + 8, size)
    return True


def _next_chunk(contents: int, size: int) -> int:
    return contents + size + size % 2


def _tags(file: BinaryIO, start: int, end: int) -> bool:
    """Whether tags of FLV, each followed by its size, lead from the one at `start` to that at `end`."""
    at = start
    for _ in range(MOST_ELEMENTS):
        if at >= end:
            return at == end
        file.seek(at)
        head = file.read(4)
        size = int.from_bytes(head[1:]) + 11
        file.seek(at + size)
        if head[:1] not in FLV_TAGS or int.from_bytes(file.read(4)) != size:
            return False
        at += size + 4
    return True


def _pages(file: BinaryIO, start: int, end: int) -> bool:
    """Whether pages of Ogg lead from the one at `start` to that at `end`, each with its checksum."""
    at = start
    for _ in range(MOST_ELEMENTS):
        if at >= end:
            return at == end
        file.seek(at)
        page = file.read(ogg.LONGEST_PAGE)
        length = ogg.length_of(page)
        if length is None or length > len(page) or not ogg.is_unaltered(page[:length]):
            return False
        at += length
    return True


def _fragments(file: BinaryIO, start: int, end: int) -> bool:
    """Whether the fragments of an MP4 count on from the one that holds `start` to that which holds `end`.

    Files of one track of several may count by twos: as far as most of their steps go, nothing is missing.
    """
    begins, numbers = _numbered(file)
    first, last = bisect_right(begins, start) - 1, bisect_right(begins, end)
    steps = [after - before for before, after in pairwise(numbers)]
    here = steps[max(0, first) : last - 1]
    return not here or max(here) <= max(1, sorted(steps)[(len(steps) - 1) // 2])


def _numbered(file: BinaryIO) -> tuple[list[int], list[int]]:
    return _remembered(Path(file.name), FileState.of(os.fstat(file.fileno())))


@lru_cache(maxsize=64)
def _remembered(path: Path, state: FileState) -> tuple[list[int], list[int]]:
    with path.open("rb") as file:
        found = fragments_of(file, state.size)
    return [begin for begin, _ in found], [number for _, number in found]


FOLLOW: dict[str, Callable[[BinaryIO, int, int], bool]] = {
    "matroska,webm": _matroska,
    "avi": _riff,
    "flv": _tags,
    "ogg": _pages,
    "mov,mp4,m4a,3gp,3g2,mj2": _fragments,
}
