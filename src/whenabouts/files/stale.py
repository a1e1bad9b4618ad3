"""What killed runs left behind: parts of files and folders that never got their name."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

__all__ = ["machine", "sweep"]

PART = re.compile(r"\.(\d+)-(?:([0-9a-f]{6})-)?[0-9a-f]{8}\.part")  # earlier versions did not name the machine
RECENT = 60.0  # seconds in which nothing is deleted
OLD = 7 * 86_400.0  # after which it is deleted whoever wrote it: another machine, or one of an earlier version

_swept: set[tuple[int, str]] = set()


@cache
def machine() -> str:
    """Six letters that tell this machine, or container, from others that share its disks."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def sweep(folder: Path) -> None:
    """Delete parts in a folder whose process on this machine is dead, and older ones of any; once for each process."""
    place = os.getpid(), os.path.abspath(folder)  # noqa: PTH100 (links stay)
    if place in _swept:
        return
    _swept.add(place)
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if (named := PART.fullmatch(entry.name)) and _is_stale(entry, int(named[1]), named[2]):
                _delete(entry)


def _is_stale(entry: os.DirEntry[str], process: int, where: str | None) -> bool:
    age = time.time() - entry.stat(follow_symlinks=False).st_mtime
    return age > OLD or (age > RECENT and where == machine() and not _is_alive(process))


def _is_alive(process: int) -> bool:
    if os.name == "nt":  # where signal 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _delete(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        with suppress(OSError):
            Path(entry.path).unlink()
