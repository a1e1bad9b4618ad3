"""Whether all bytes of a file are there, by the sizes that its container states; a few reads, nothing is decoded."""

from __future__ import annotations

import mmap
import re
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer

from whenabouts.video.damage.holes import vint

__all__ = [
    "goes_on",
    "has_end_of_avi",
    "missing_bytes",
    "second_segment",
    "size_of",
    "stated_length",
    "still_downloading",
]

LONGEST_INDEX = 1 << 24  # bytes of an AVI
MOST_BOXES = 100_000  # at the top of an MP4 that are looked at
STATES_LENGTH = frozenset(("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "flv", "asf"))
BOXED, SEGMENTED = ("mov,mp4,m4a,3gp,3g2,mj2",), ("matroska,webm",)
BOXES = frozenset(b"ftyp moov mdat moof free skip wide mfra styp sidx ssix prft emsg uuid meta udta pdin pnot".split())
EBML = b"\x1a\x45\xdf\xa3"  # begins every Matroska file
FLV = re.compile(rb"FLV\x01[\x01\x04\x05]\0\0\0\x09\0\0\0\0")  # how each file of it begins
FORGIVEN = 16  # bytes by which writers miscount
TS_PACKETS = ((188, 0), (192, 4), (204, 0))  # bytes of a packet, and where in it the mark 0x47 stands
UNFINISHED = frozenset((".part", ".partial", ".crdownload", ".download", ".opdownload", ".!qb", ".aria2", ".ytdl"))


def still_downloading(path: Path) -> bool:
    """Whether the name is one that programs give to a download that is not complete.

    >>> still_downloading(Path("a.mp4.part")), still_downloading(Path("a.mp4"))
    (True, False)
    """
    return path.suffix.lower() in UNFINISHED


def size_of(path: Path) -> int | None:
    """Bytes of a file, None for what is none."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def stated_length(container: InputContainer, start: Fraction, lasts: Fraction) -> float | None:
    """How long a file says that its pictures and sound last, in seconds; None where it does not, or FFmpeg guesses.

    A file with other tracks may last longer for their sake. Some count from zero although their stamps `start` later:
    of both readings the one nearer to what it `lasts`.
    """
    others = any(stream.type not in {"video", "audio"} for stream in container.streams)
    if container.format.name == "avi":  # whose length FFmpeg guesses from its size where its end is missing
        [*pictures] = (stream for stream in container.streams.video if stream.frames and stream.average_rate)
        return float(pictures[0].frames / Fraction(pictures[0].average_rate or 1)) if pictures else None
    if others or container.format.name not in STATES_LENGTH or not container.duration or container.duration <= 0:
        return None
    stated = Fraction(container.duration, av.time_base)
    return float(min(stated, stated - start, key=lambda length: abs(length - lasts)))


def missing_bytes(path: Path, container: str) -> int:
    """How many bytes the file is shorter than its container states; 0 where nothing is missing or nothing is stated.

    `container` is FFmpeg's name of the format. Of a transport stream only a packet that is cut is seen.
    """
    measure = next((of for names, of in STATED.items() if container in names), None)
    if measure is None:
        return 0
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if file.read(4) == b"RIFF":  # an animated WebP is read as a movie, and is none
                measure = _riff
            file.seek(0)
            missing = measure(file, size) - size
    except OSError:
        return 0
    return missing if missing > (FORGIVEN if measure is not _transport else 0) else 0


def goes_on(path: Path, container: str) -> bool:
    """Whether another recording begins behind the one that is read, as after files were joined byte by byte."""
    try:
        size = path.stat().st_size
        if container == "flv":
            return _flv_goes_on(path, size)
        with path.open("rb") as file:
            if container in BOXED:
                names = Counter(name for name, _ in _boxes_of(file, size))
                return min(names[b"ftyp"], names[b"moov"]) > 1 and not names[b"moof"]  # fragments may begin anew
            return container in SEGMENTED and second_segment(file, size) is not None
    except OSError:
        return False


@lru_cache(maxsize=64)
def _flv_goes_on(path: Path, size: int) -> bool:
    """Looks through a file of `size` bytes, at the speed of the disk: nothing in it says where the first one ends."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as content:
        return FLV.search(content, 1) is not None


def has_end_of_avi(path: Path) -> bool:
    """Whether the index that ends an AVI is there, so that what is missing lies before."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, (size_of(path) or 0) - LONGEST_INDEX))
            tail = file.read(LONGEST_INDEX)
    except OSError:
        return False
    at = tail.rfind(b"idx1")
    return at >= 0 and at + 8 + int.from_bytes(tail[at + 4 : at + 8], "little") <= len(tail)


def second_segment(file: BinaryIO | FileIO, size: int) -> int | None:
    """Where another Matroska file begins behind the first one in the same file; None where none does."""
    file.seek(0)
    end = _segment(file, size)
    file.seek(end)
    return end if 0 < end < size and file.read(4) == EBML else None


def _boxes(file: BinaryIO, size: int) -> int:
    """MP4 and its kin: where the last box at the top ends; what is none of theirs was put behind by somebody else."""
    return max((end for name, end in _boxes_of(file, size) if name in BOXES), default=size)


def _boxes_of(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """The name of every box at the top, and where it ends by its size."""
    at = 0
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4])
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:16])
        if len(head) < 8 or length < 8:  # the end, or to the end, or no box
            return
        at += length
        yield head[4:8], at
        if at >= size:
            return


def _segment(file: BinaryIO | FileIO, size: int) -> int:
    """Matroska and WebM: where the segment ends."""
    head = file.read(1 << 12)
    if head[:4] != EBML:
        return size
    length, taken = vint(head[4:])
    at = 4 + taken + length
    if not taken or head[at : at + 4] != b"\x18\x53\x80\x67":
        return size
    length, taken = vint(head[at + 4 :])
    unknown = (1 << 7 * taken) - 1  # as of a recording that could not go back to write its size
    return size if length in {0, unknown} else at + 4 + taken + length


def _riff(file: BinaryIO, size: int) -> int:
    """AVI and WAV: where the last of the RIFF chunks ends."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        if head[:4] != b"RIFF" or length in {0, 0xFFFFFFFF}:
            return size
        at += 8 + length + length % 2
    return at


def _transport(file: BinaryIO, size: int) -> int:
    """MPEG-TS: where the last packet would end."""
    head = file.read(5 * 204)
    for length, mark in TS_PACKETS:
        if len(head) >= 5 * length and all(head[mark + k * length] == 0x47 for k in range(5)):
            return size + -size % length
    return size


def _tags(file: BinaryIO, size: int) -> int:
    """FLV: every tag is followed by its size, so the last four bytes tell whether the last one is whole."""
    if size < 32:
        return size
    file.seek(size - 4)
    length = int.from_bytes(file.read(4))
    at = size - 4 - length
    if at < 9:
        return size + FORGIVEN + 1
    file.seek(at)
    head = file.read(4)
    whole = head[:1] in {b"\x08", b"\x09", b"\x12"} and int.from_bytes(head[1:]) + 11 == length
    return size if whole else size + FORGIVEN + 1


STATED: dict[tuple[str, ...], Callable[[BinaryIO, int], int]] = {
    BOXED: _boxes,
    SEGMENTED: _segment,
    ("avi", "wav"): _riff,
    ("mpegts",): _transport,
    ("flv",): _tags,
}
