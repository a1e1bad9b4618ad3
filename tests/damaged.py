"""Files as failing disks, killed programs and strangers leave them."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator

import numpy as np


def mutants(whole: bytes, other: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many damaged versions of a file, each with what was done to it, and none of them the file itself.

    other: the content of another file of the same kind, which may stand in its place
    """
    rng = np.random.default_rng(seed)
    made = 0
    for damage, content in _always(whole, other):
        if content != whole:
            yield damage, content
            made += 1
    while made < count:
        damage, content = _random(whole, other, rng)
        if content != whole:
            yield damage, content
            made += 1


def _always(whole: bytes, other: bytes) -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "zeros", bytes(len(whole))
    yield "another file", other
    yield "doubled", whole + whole
    yield "a line feed at the end", whole + b"\n"
    yield "a pickle", pickle.dumps({"a": [1, 2, 3]})
    for rows in (np.array([{"a": 1}], dtype=object), np.zeros((2, 2), "M8[s]"), np.zeros(3, [("a", "f4")])):
        stored = io.BytesIO()
        np.save(stored, rows, allow_pickle=True)
        yield f"an array of {rows.dtype}", stored.getvalue()
    header = "{'descr': '<f2', 'fortran_order': False, 'shape': (1125899906842624, 512), }\n"
    for version in (b"\x01\x00", b"\x02\x00", b"\x09\x00"):
        size = len(header).to_bytes(4 if version[0] == 2 else 2, "little")
        yield f"petabytes, version {version[0]}", b"\x93NUMPY" + version + size + header.encode() + b"\0" * 64
    yield "SQLite's first bytes", b"SQLite format 3\0" + bytes(84)
    yield "deep", b"[" * 100_000


def _random(whole: bytes, other: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    content, size = bytearray(whole), len(whole)
    place = int(rng.integers(size))
    match int(rng.integers(7)):
        case 0:
            content[place] ^= 1 << int(rng.integers(8))
            return f"bit flipped at {place}", bytes(content)
        case 1:
            return f"cut at {place}", whole[:place]
        case 2:
            length = int(rng.integers(1, 4097))
            content[place : place + length] = bytes(len(content[place : place + length]))
            return f"{length} zeros at {place}", bytes(content)
        case 3:
            for at in rng.integers(size, size=16):
                content[at] = int(rng.integers(256))
            return "bytes overwritten", bytes(content)
        case 4:
            return f"begins like another to {place}", other[:place] + whole[place:]
        case 5:
            length = int(rng.integers(1, 513))
            return f"{length} bytes lost at {place}", whole[:place] + whole[place + length :]
        case _:
            head = min(size, 128)
            content[int(rng.integers(head))] = int(rng.integers(256))
            return "a byte of the head overwritten", bytes(content)
