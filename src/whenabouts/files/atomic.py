"""Atomic writes: a file appears complete or not at all, also where the program is killed or the power fails."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from whenabouts.files.stale import machine, sweep
from whenabouts.files.storage import storing

__all__ = ["part_beside", "replacing", "sync_folder", "synced"]


@contextmanager
def replacing(path: Path, *, folders: bool = False, lasting: bool = True) -> Iterator[Path]:
    """A temporary file next to `path`: it replaces `path` when the block succeeds, and is deleted otherwise.

    What killed runs left in the folder is deleted first. Raises StorageError, an OSError, that says what to do.

    folders: make those that are missing on the way to the file
    lasting: the file is on the disk, not only on its way to it, when the block ends. That takes some milliseconds, on a
             slow disk some dozen, which files of a cache are not worth: they are checked when they are read.
    """
    part = part_beside(path)
    try:
        with storing(path):
            if folders:
                path.parent.mkdir(parents=True, exist_ok=True)
            sweep(path.parent)
            yield part
            if lasting:
                synced(part)
            part.replace(path)
            if lasting:
                synced(path.parent)
    finally:
        with suppress(OSError):  # of a disk that is gone
            part.unlink(missing_ok=True)


def part_beside(path: Path) -> Path:
    """A new name in the folder of `path` for what is not complete: of this process, so that it can be swept."""
    return path.with_name(f".{os.getpid()}-{machine()}-{secrets.token_hex(4)}.part")


def synced(path: Path) -> None:
    """Wait until a file is on the disk, or the names in a folder are, where the system can do that. Raises OSError."""
    if path.is_dir():
        with suppress(OSError):  # some network disks do not sync them
            sync_folder(path)
    else:
        _sync(path, os.O_RDWR)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a power failure, where the platform can. Raises OSError."""
    if os.name != "nt":
        _sync(folder, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    file = os.open(path, flags)
    try:
        os.fsync(file)
    finally:
        os.close(file)
