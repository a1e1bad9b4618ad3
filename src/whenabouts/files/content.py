"""Which bytes a file holds: its SHA-256, without reading a large file again for every question.

A file is recognised by its size, its times of modification and of change, and blocks of its bytes: the first, the last
and others at even distances between. For a file that was seen before, the SHA-256 of all its bytes is then read from
the cache. No program can set the time of change: a copy over the file renews it, and so does a new name, after which
all bytes are read once more. Windows keeps no such time: there a file that was written over with the same size and time
of modification passes as the one before, where the blocks that are looked at are alike.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from whenabouts.files.cache import cache_folder, keeps
from whenabouts.files.kept import keep, kept

__all__ = ["content_sha256", "remembered"]

FORMAT = 2  # increased when files are recognised by something else
BLOCK = 1 << 16  # bytes
BLOCKS = 16  # of a file that are read; a file that has no more of them is read whole, and nothing is remembered
SHA256 = re.compile(rb"[0-9a-f]{64}")


def content_sha256(path: Path) -> str:
    """SHA-256 of the bytes of a file, in hex; of a file that is known only `BLOCKS` blocks are read. Raises OSError."""
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        if not keeps() or before.st_size <= BLOCK * BLOCKS:
            return hashlib.file_digest(file, "sha256").hexdigest()
        known = cache_folder() / "content" / _identity(file, before)
        if (found := _read(known)) is None:
            file.seek(0)
            found = hashlib.file_digest(file, "sha256").hexdigest()
            after = os.fstat(file.fileno())
            if _stamp(before) == _stamp(after):  # else it was written meanwhile
                keep(known, found.encode())
        return found


def remembered(identity: str, digest: Callable[[], str]) -> str:
    """The SHA-256 that `digest` reckons, remembered for whatever `identity` (hex) tells from all else."""
    known = cache_folder() / "content" / identity
    if not keeps():
        return digest()
    if (found := _read(known)) is None:
        found = digest()
        keep(known, found.encode())
    return found


def _stamp(facts: os.stat_result) -> tuple[int, int, int]:
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def _identity(file: BinaryIO, facts: os.stat_result) -> str:
    told = hashlib.sha256(f"{FORMAT} {_stamp(facts)}".encode())
    for number in range(BLOCKS):
        file.seek(number * (facts.st_size - BLOCK) // (BLOCKS - 1))
        told.update(file.read(BLOCK))
    return told.hexdigest()


def _read(path: Path) -> str | None:
    content = kept(path) or b""
    return content.decode() if SHA256.fullmatch(content) else None
