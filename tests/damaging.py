"""Damages media files in ways whose truth is known: cut, overwritten, with holes, with lost packets."""

from __future__ import annotations

import random
from pathlib import Path


def cut(path: Path, out: Path, share: float) -> Path:
    """The first `share` of the bytes."""
    data = path.read_bytes()
    out.write_bytes(data[: int(len(data) * share)])
    return out


def overwritten(path: Path, out: Path, at: float, length: int, *, zeros: bool = False) -> Path:
    """With `length` bytes from the share `at` on made random, or zero."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    end = min(len(data), start + length)
    data[start:end] = bytes(end - start) if zeros else random.Random(1).randbytes(end - start)
    out.write_bytes(data)
    return out


def without_packets(path: Path, out: Path, start: float, end: float) -> Path:
    """A transport stream without the packets between two shares."""
    data = path.read_bytes()
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    out.write_bytes(b"".join(packets[: int(start * len(packets))] + packets[int(end * len(packets)) :]))
    return out
