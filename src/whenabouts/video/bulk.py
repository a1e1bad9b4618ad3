"""Whether a Matroska file holds more beside its pictures than FFmpeg may read into memory when it opens it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from whenabouts.errors import VideoError
from whenabouts.video.damage.ebml import ebml, vint

__all__ = ["check_bulk"]

HEAD = 1 << 16  # bytes that are searched for such elements where the chain of them is broken
MANY = 1 << 20  # bytes of what FFmpeg compares each with each
MAX_ELEMENT = 1 << 26  # bytes; fonts of subtitles are the largest that are usual
MOST_ELEMENTS = 64  # looked at before the first cluster
SEGMENT, CLUSTER = 0x18538067, 0x1F43B675
NAMES = {
    0x1941A469: ("attachments", MAX_ELEMENT),
    0x1654AE6B: ("tracks", MAX_ELEMENT),
    0x1254C367: ("tags", MANY),
    0x1043A770: ("chapters", MANY),
}


def check_bulk(path: Path) -> None:
    """Raises VideoError where one of the elements before the first pictures is too large to be held."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(0)
        head = file.read(4)
        if head != b"\x1a\x45\xdf\xa3":
            return
        length, taken = vint(file.read(8))
        at = 4 + taken + length
        for _ in range(MOST_ELEMENTS):
            file.seek(min(at, end))  # a size may say more than a file can have
            name, size, inside = ebml(file.read(12))
            if name == 0:  # FFmpeg finds what it knows in what is no chain, too
                file.seek(0)
                _search(path, file.read(HEAD))
                return
            if name == CLUSTER:
                return
            _check(path, name, size)
            at += inside if name == SEGMENT else inside + size


def _search(path: Path, head: bytes) -> None:
    for name in NAMES:
        for found in re.finditer(re.escape(name.to_bytes(4)), head):
            size, _ = vint(head[found.end() : found.end() + 8])
            _check(path, name, size)


def _check(path: Path, name: int, size: int) -> None:
    what, most = NAMES.get(name, ("", size))
    if size > most:
        raise VideoError(
            f"{path} holds {size >> 20} MB of {what}, over the limit of {most >> 20} MB; "
            "copy its pictures and sound to a file of their own: ffmpeg -i IN -map 0:V -map 0:a -c copy OUT.mkv"
        )
