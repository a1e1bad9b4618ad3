"""The heads of the elements of a Matroska file (RFC 8794)."""

from __future__ import annotations

__all__ = ["ebml", "vint"]


def ebml(head: bytes) -> tuple[int, int, int]:
    """Name, size and length of the head of an element; a name of 0 for what is none."""
    length = 9 - head[0].bit_length() if head and head[0] else 9
    if length > 4 or len(head) < length + 1:
        return 0, 0, 0
    size, taken = vint(head[length:])
    if not taken:
        return 0, 0, 0
    return int.from_bytes(head[:length]), size, length + taken


def vint(data: bytes) -> tuple[int, int]:
    """A number of variable length and how many bytes it takes; 0 bytes for what is none."""
    length = 9 - data[0].bit_length() if data and data[0] else 9
    if length > 8 or len(data) < length:
        return 0, 0
    return int.from_bytes(data[:length]) & ((1 << 7 * length) - 1), length
