"""Pictures as PNG files: without loss, and the same bytes for the same picture."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["pixels", "png"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB = (8, 2, 0, 0, 0)  # bits of a channel, its kind of colour, and three settings that stay as they are


def png(image: NDArray[np.uint8]) -> bytes:
    """An image (H, W, 3), RGB, as the bytes of a file."""
    height, width = image.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a row begins with its filter: 0 is none
    rows[:, 1:] = image.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, *RGB)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def pixels(content: bytes, shape: tuple[int, int]) -> NDArray[np.uint8] | None:
    """The image (H, W, 3) of a file that `png` wrote; None for any other, and for one of another `shape` (H, W).

    No more is unpacked than an image of that shape has.
    """
    height, width = shape
    header = struct.pack(">IIBBBBB", width, height, *RGB)
    start = len(SIGNATURE) + 12 + len(header)
    if content[:start] != SIGNATURE + _chunk(b"IHDR", header) or content[start + 4 : start + 8] != b"IDAT":
        return None
    (length,) = struct.unpack(">I", content[start : start + 4])
    packed = content[start + 8 : start + 8 + length]
    if content[start:] != _chunk(b"IDAT", packed) + _chunk(b"IEND", b""):
        return None
    size, unpacking = height * (1 + 3 * width), zlib.decompressobj()
    try:
        raw = unpacking.decompress(packed, size)
    except zlib.error:
        return None
    rows = np.frombuffer(raw, np.uint8)
    if len(raw) != size or rows.reshape(height, -1)[:, 0].any():
        return None
    return rows.reshape(height, -1)[:, 1:].reshape(height, width, 3)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
