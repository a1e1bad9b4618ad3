"""One run at a time: a file or folder that is written for a while is locked, and the system frees it with the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from whenabouts.errors import InputError

try:
    import fcntl
except ImportError:  # Windows, where a lock would keep others from reading too
    fcntl = None  # type: ignore[assignment]

__all__ = ["locked", "one_run"]


@contextmanager
def one_run(folder: Path) -> Iterator[None]:
    """In the block no other process has this folder locked. Raises InputError where one has, OSError."""
    if fcntl is None:
        yield
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        locked(file, folder)
        yield
    finally:
        os.close(file)


def locked(file: int | IO[Any], path: Path) -> None:
    """Lock an open file until it is closed. Raises InputError, naming `path`, where another run holds it.

    A disk that has no locks gives none: there two runs are the user's to avoid.
    """
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(f"another run is writing {path}; wait for it, or name another one") from None
    except OSError:
        return
