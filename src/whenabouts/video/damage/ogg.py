"""Pages of Ogg: how long each is by its head, and whether its bytes are those of its checksum (RFC 3533, 6)."""

from __future__ import annotations

import zlib

__all__ = ["HEAD", "LONGEST_PAGE", "is_unaltered", "length_of"]

HEAD = 27  # bytes before the sizes of segments
LONGEST_PAGE = HEAD + 255 + 255 * 255  # bytes
CHECKSUM = slice(22, 26)
MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def length_of(page: bytes) -> int | None:
    """Bytes of the page that begins here, by its head; None where that is cut off or none begins."""
    if page[:4] != b"OggS" or len(page) < HEAD or len(page) < HEAD + page[26]:
        return None
    return HEAD + page[26] + sum(page[HEAD : HEAD + page[26]])


def is_unaltered(page: bytes) -> bool:
    """Whether a page is as its checksum says: that of zlib with every byte and the result mirrored, and begun at 0."""
    content = (page[: CHECKSUM.start] + bytes(4) + page[CHECKSUM.stop :]).translate(MIRRORED)
    found = zlib.crc32(content, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return found.to_bytes(4, "big").translate(MIRRORED) == page[CHECKSUM]
