"""Whether a Matroska file holds more beside its pictures than FFmpeg may read into memory when it opens it."""

from __future__ import annotations

from pathlib import Path

from whenabouts.errors import VideoError
from whenabouts.video.holes import ebml, vint

__all__ = ["check_bulk"]

MAX_ELEMENT = 1 << 26  # bytes; fonts of subtitles are the largest that are usual
MOST_ELEMENTS = 64  # looked at before the first cluster
SEGMENT, CLUSTER = 0x18538067, 0x1F43B675
NAMES = {
    0x1941A469: "attachments",
    0x1654AE6B: "tracks",
    0x1254C367: "tags",
    0x1043A770: "chapters",
}


def check_bulk(path: Path) -> None:
    """Raises VideoError where one of the elements before the first pictures is too large to be held."""
    with path.open("rb") as file:
        head = file.read(4)
        if head != b"\x1a\x45\xdf\xa3":
            return
        length, taken = vint(file.read(8))
        at = 4 + taken + length
        for _ in range(MOST_ELEMENTS):
            file.seek(at)
            name, size, inside = ebml(file.read(12))
            if name in {0, CLUSTER}:
                return
            if name in NAMES and size > MAX_ELEMENT:
                raise VideoError(
                    f"{path} holds {size >> 20} MB of {NAMES[name]}, over the limit of {MAX_ELEMENT >> 20} MB; "
                    "copy its pictures and sound to a file of their own: ffmpeg -i IN -map 0:V -map 0:a -c copy OUT.mkv"
                )
            at += inside if name == SEGMENT else inside + size
