"""Pictures as PNG files: without loss, and the same bytes for the same picture."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["png"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB = (
    8,
    2,
    0,
    0,
    0,
)  # bits of a channel, its kind of colour, and three settings that stay as they are


def png(image: NDArray[np.uint8]) -> bytes:
    """An image (H, W, 3), RGB, as the bytes of a file."""
    height, width = image.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a row begins with its filter: 0 is none
    rows[:, 1:] = image.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, *RGB)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
