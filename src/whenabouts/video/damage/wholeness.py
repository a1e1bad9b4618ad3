"""Whether all bytes of a file are there, by the sizes that its container states; a few reads, nothing is decoded."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer

from whenabouts.video.damage import ogg
from whenabouts.video.damage.boxes import boxes_of
from whenabouts.video.damage.joined import end_of_segment

__all__ = [
    "has_end_of_avi",
    "missing_bytes",
    "size_of",
    "stated_length",
    "still_downloading",
]

LONGEST_INDEX = 1 << 24  # bytes of an AVI
STATES_LENGTH = frozenset(("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "flv", "asf"))
BOXED, SEGMENTED = ("mov,mp4,m4a,3gp,3g2,mj2",), ("matroska,webm",)
BOXES = frozenset(b"ftyp moov mdat moof free skip wide mfra styp sidx ssix prft emsg uuid meta udta pdin pnot".split())
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
        if not pictures:
            return None
        lengths = [(stream.duration or 0) * Fraction(stream.time_base or 1) for stream in container.streams.audio]
        return float(max([pictures[0].frames / Fraction(pictures[0].average_rate or 1), *lengths]))
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
    return missing if missing > (0 if measure in {_transport, _pages} else FORGIVEN) else 0


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


def _boxes(file: BinaryIO, size: int) -> int:
    """MP4 and its kin: where the last box at the top ends; what is none of theirs was put behind by somebody else."""
    return max((box.end for box in boxes_of(file, size) if box.name in BOXES), default=size)


def _segment(file: BinaryIO, size: int) -> int:
    """Matroska and WebM: where the segment ends."""
    return end_of_segment(file, size) or size


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
            file.seek(max(0, size - 2 * length))
            tail = file.read(2 * length)
            whole = tail[mark::length] == b"\x47\x47"  # then bytes are missing before, or too many
            return size if whole else size + -size % length
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


def _pages(file: BinaryIO, size: int) -> int:
    """Ogg: where the last page ends, by its head."""
    begin = max(0, size - ogg.LONGEST_PAGE)
    file.seek(begin)
    tail = file.read(ogg.LONGEST_PAGE)
    at = tail.rfind(b"OggS")
    length = ogg.length_of(tail[at:]) if at >= 0 else None
    return size if length is None else begin + at + length


STATED: dict[tuple[str, ...], Callable[[BinaryIO, int], int]] = {
    BOXED: _boxes,
    SEGMENTED: _segment,
    ("avi", "wav"): _riff,
    ("mpegts",): _transport,
    ("flv",): _tags,
    ("ogg",): _pages,
}
