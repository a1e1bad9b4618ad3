"""Where another recording begins behind the first one in the same file, as `cat a.mkv b.mkv > c.mkv` makes it.

FFmpeg reads such a file as one: it mixes the packets of both, or decodes the second by the header of the first, or
stops without a word. What is read here is therefore the first recording, and the rest is told. Formats that are made to
be joined (MPEG streams, DV, raw streams) are not looked at, nor are parts of an AVI or of fragments that fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from whenabouts.files.state import FileState
from whenabouts.isolation.pulse import beat
from whenabouts.video.damage.boxes import end_of_boxes
from whenabouts.video.damage.ebml import vint

__all__ = ["end_of_segment", "next_recording"]

BLOCK = 1 << 20  # bytes that are searched at once
LONGEST_HEAD = 128
LONGEST_HEADER = 1 << 16  # bytes of an AVI's that are compared
MOST_ELEMENTS = 100_000  # of a file that are looked at


class _Container(NamedTuple):
    """How a container begins, and where the recording that begins a file of it ends.

    head: matches its first bytes, which no chance brings about in the middle of a file
    end:  None, or gives None, where nothing says so: the next head is searched for
    """

    head: re.Pattern[bytes]
    end: Callable[[BinaryIO, int], int | None] | None = None


def next_recording(path: Path) -> int | None:
    """The byte at which another recording begins; None where none does, or the file cannot be read.

    A few reads where a container states its size, else the file is looked through once, at the speed of the disk.
    """
    try:
        return _remembered(path, FileState.of(path.stat()))
    except OSError:
        return None


@lru_cache(maxsize=256)
def _remembered(path: Path, state: FileState) -> int | None:
    size = state.size
    with path.open("rb") as file:
        kind = _at(file, 0)
        if kind is None:
            return None
        end = kind.end(file, size) if kind.end is not None else None
        if end == size:
            return None
        return end if end is not None and _at(file, end) is not None else _search(file, kind.head)


def _at(file: BinaryIO, position: int) -> _Container | None:
    file.seek(position)
    head = file.read(LONGEST_HEAD)
    return next((kind for kind in CONTAINERS if kind.head.match(head)), None)


def _search(file: BinaryIO, pattern: re.Pattern[bytes], start: int = 1) -> int | None:
    begin, content = start, b""
    file.seek(start)
    while block := file.read(BLOCK):
        beat()  # gigabytes may take longer than a file may be silent
        content += block
        if found := pattern.search(content):
            return begin + found.start()
        begin, content = begin + max(0, len(content) - LONGEST_HEAD), content[-LONGEST_HEAD:]
    return None


def end_of_segment(file: BinaryIO, _size: int) -> int | None:
    """Matroska and WebM: where the segment ends; None where it does not say."""
    file.seek(0)
    head = file.read(1 << 12)
    length, taken = vint(head[4:])
    at = 4 + taken + length
    if head[:4] != EBML or not taken or head[at : at + 4] != b"\x18\x53\x80\x67":
        return None
    length, taken = vint(head[at + 4 :])
    unknown = (1 << 7 * taken) - 1  # as of a recording that could not go back to write its size
    return None if length in {0, unknown} else at + 4 + taken + length


def _end_of_chunks(file: BinaryIO, size: int) -> int | None:
    """AVI, WAV and WebP: where the last of the RIFF chunks ends that belong together."""
    at, streams = 0, _streams_of_avi(file, 0)
    while at + 12 <= size:
        file.seek(at)
        head = file.read(12)
        length = int.from_bytes(head[4:8], "little")
        fits = head[8:] == b"AVIX" or (head[8:] == b"AVI " and streams == _streams_of_avi(file, at))
        if head[:4] != b"RIFF" or length in {0, 0xFFFFFFFF} or (at and not fits):
            break
        at += 8 + length + length % 2
    return at or None


def _streams_of_avi(file: BinaryIO, position: int) -> tuple[list[bytes], ...]:
    """Codecs, rates and formats of the streams of an AVI: one whose are the same can be read on."""
    file.seek(position)
    header = file.read(LONGEST_HEADER)
    header = header[: 20 + int.from_bytes(header[16:20], "little")]
    return STREAM_OF_AVI.findall(header), FORMAT_OF_AVI.findall(header)


def _end_of_objects(file: BinaryIO, size: int) -> int | None:
    """ASF: where the indices end behind the data, whose size a live recording does not state."""
    at = 0
    for _ in range(MOST_ELEMENTS):
        file.seek(at)
        head = file.read(24)
        length = int.from_bytes(head[16:], "little")
        if at and (at >= size or head.startswith(ASF)):
            return at
        if length < 24:
            break
        at += length
    return None


def _end_of_partitions(file: BinaryIO, size: int) -> int | None:
    """MXF: where the elements end behind the footer to which the first partition points (SMPTE ST 377-1, 6 and 7)."""
    file.seek(0)
    head = file.read(64)
    value = 17 + (head[16] & 0x7F if head[16] & 0x80 else 0)
    at = int.from_bytes(head[value + 24 : value + 32])
    for _ in range(MOST_ELEMENTS if at else 0):
        file.seek(at)
        head = file.read(25)
        if at >= size or MXF.match(head):
            return at
        if len(head) < 25 or not head.startswith(b"\x06\x0e\x2b\x34"):
            break
        taken = head[16] & 0x7F if head[16] & 0x80 else 0
        at += 17 + taken + (int.from_bytes(head[17 : 17 + taken]) if taken else head[16])
    return None


def _end_of_chains(file: BinaryIO, size: int) -> int:
    """Ogg: before the first page that begins a stream behind one that does not (RFC 3533, 4 and 6)."""
    at, head = 0, b"OggS\0\2"
    while OGG.match(head):
        file.seek(at)
        head = file.read(27 + 255)
        at += 27 + head[26] + sum(head[27 : 27 + head[26]]) if len(head) > 26 else size
    return _search(file, OGG, min(at, size)) or size


def _end_of_gxf(file: BinaryIO, size: int) -> int:
    """GXF, which repeats its head: behind a packet that ends a stream (SMPTE 360M)."""
    found = _search(file, ENDED_GXF)
    return size if found is None else found + 16


def _end_of_aiff(file: BinaryIO, _size: int) -> int:
    file.seek(4)
    length = int.from_bytes(file.read(4))
    return 8 + length + length % 2


def _end_of_swf(file: BinaryIO, size: int) -> int:
    file.seek(0)
    head = file.read(8)
    stated = int.from_bytes(head[4:], "little")
    file.seek(stated)
    return stated if head[:1] == b"F" and SWF.match(file.read(8)) else size


def _bytes(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


EBML = b"\x1a\x45\xdf\xa3"
ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
MXF = _bytes(rb"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02")  # a partition of a header
OGG = _bytes(rb"OggS\0[\2\6]")
ENDED_GXF = _bytes(rb"\0\0\0\0\x01\xfb\0\0\0\x10\0\0\0\0\xe1\xe2(?=\0\0\0\0\x01\xbc)")
SWF = _bytes(rb"[FCZ]WS[\1-\x40]")
STREAM_OF_AVI = _bytes(rb"strh.{4}(.{8}).{12}(.{8})")  # kind and codec; scale and rate
FORMAT_OF_AVI = _bytes(rb"strf.{4}(.{20})")

CONTAINERS = (
    _Container(_bytes(EBML + rb".{0,80}?\x42\x82.(?:matroska|webm)"), end_of_segment),
    _Container(_bytes(rb"\0\0\0[\x10-\xff]ftyp[ -~]{4}"), end_of_boxes),
    _Container(_bytes(rb"RIFF.{4}(?:AVI LIST|WAVE(?:fmt |JUNK|bext|LIST)|WEBPVP8)"), _end_of_chunks),
    _Container(_bytes(rb"FLV\x01[\1\4\5]\0\0\0\x09\0\0\0\0")),
    _Container(OGG, _end_of_chains),
    _Container(_bytes(re.escape(ASF)), _end_of_objects),
    _Container(MXF, _end_of_partitions),
    _Container(_bytes(rb"nut/multimedia container\0")),
    _Container(_bytes(rb"\0\0\0\0\x01\xbc.{4}\0\0\0\0\xe1\xe2"), _end_of_gxf),
    _Container(_bytes(rb"\.RMF\0\0\0[\x10-\x20]\0")),
    _Container(_bytes(rb"\xb7\xd8\0\x20\x37\x49\xda\x11\xa6\x4e\0\x07\xe9\x5e\xad\x8d")),  # WTV
    _Container(_bytes(rb"DKIF\0\0\x20\0")),  # IVF
    _Container(_bytes(rb"YUV4MPEG2 ")),
    _Container(_bytes(rb"GIF8[79]a")),
    _Container(_bytes(rb"\x89PNG\r\n\x1a\n")),
    _Container(SWF, _end_of_swf),
    _Container(_bytes(rb"fLaC[\0\x80]\0\0\x22")),
    _Container(_bytes(rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb")),  # Wave64
    _Container(_bytes(rb"RF64\xff{4}WAVEds64")),
    _Container(_bytes(rb"caff\0\x01\0\0desc")),
    _Container(_bytes(rb"FORM.{4}AIF[FC]"), _end_of_aiff),
)
