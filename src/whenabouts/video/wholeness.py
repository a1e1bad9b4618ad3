"""Whether all bytes of a file are there, by the sizes that its container states; a few reads, nothing is decoded."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer

from whenabouts.video.holes import vint

__all__ = ["missing_bytes", "size_of", "stated_length", "still_downloading"]

MOST_BOXES = 100_000  # at the top of an MP4 that are looked at
STATES_LENGTH = frozenset(("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "flv", "asf"))
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


def stated_length(container: InputContainer) -> float | None:
    """How long a file says that its pictures and sound last, in seconds; None where it does not, or FFmpeg guesses.

    A file with other tracks may last longer for their sake.
    """
    others = any(stream.type not in {"video", "audio"} for stream in container.streams)
    if container.format.name == "avi":  # whose length FFmpeg guesses from its size where its end is missing
        [*pictures] = (stream for stream in container.streams.video if stream.frames and stream.average_rate)
        return float(pictures[0].frames / Fraction(pictures[0].average_rate or 1)) if pictures else None
    if others or container.format.name not in STATES_LENGTH or not container.duration or container.duration <= 0:
        return None
    return container.duration / av.time_base


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
            missing = measure(file, size) - size
    except OSError:
        return 0
    return missing if missing > (FORGIVEN if measure is not _transport else 0) else 0


def _boxes(file: BinaryIO, size: int) -> int:
    """MP4 and its kin: where the last box at the top ends."""
    at = 0
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8 or not head[4:8].isascii():
            return size
        length = int.from_bytes(head[:4])
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:16])
        if length < 8:  # to the end, or no box
            return size
        at += length
        if at >= size:
            return at
    return size


def _segment(file: BinaryIO, size: int) -> int:
    """Matroska and WebM: where the segment ends."""
    head = file.read(1 << 12)
    if head[:4] != b"\x1a\x45\xdf\xa3":
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
    ("mov,mp4,m4a,3gp,3g2,mj2",): _boxes,
    ("matroska,webm",): _segment,
    ("avi", "wav"): _riff,
    ("mpegts",): _transport,
    ("flv",): _tags,
}
