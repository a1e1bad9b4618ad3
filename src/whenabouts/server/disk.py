"""The disk that holds the data of a server: what a failure on it means, and whether it can be written again.

A disk can be full, read-only, gone or slow for a moment. Then reads go on, writes are refused in one sentence, lanes
keep what they have found until it can be saved, and the server says that it is degraded until the disk recovers.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import sqlite3
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from whenabouts.errors import DataUnavailable

__all__ = ["DAMAGED", "FULL", "GONE", "SENTENCES", "Disk", "identity", "lost", "probe", "unavailable"]

log = logging.getLogger(__name__)

PROBE = bytes(64 << 10)  # written and synced to learn whether the disk can be written: a transaction of SQLite has less
INTERVAL = 1.0  # seconds between two probes of a disk that failed
FRESH = 5.0  # seconds for which the last probe of a sound disk counts
PATIENCE = 1.0  # seconds that somebody who asks waits for a probe

FULL, GONE, DAMAGED = "full", "gone", "damaged"
SENTENCES = {
    FULL: "disk full: nothing was saved; free space on the disk of the server and try again",
    "read-only": "the data folder of the server is read-only; nothing was saved",
    GONE: "the data folder of the server is gone: its disk was unmounted, or it was moved; put it back",
    "silent": "the disk of the server does not answer",
    "faulty": "the disk of the server reports an error; its operator must check it",
    "locked": "another program has locked the database of the server; try again in a moment",
    DAMAGED: "the database of the server is damaged; its operator must stop the server and repair it",
    "files": "the server has too many files open; try again in a moment",
}
BY_ERRNO = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), FULL),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "read-only"),
    **dict.fromkeys((errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESTALE), GONE),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "files"),
    errno.EIO: "faulty",
    errno.ETIMEDOUT: "silent",
}
BY_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: GONE,
    sqlite3.SQLITE_IOERR: "faulty",
    **dict.fromkeys((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED), "locked"),
    **dict.fromkeys((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB), DAMAGED),
}


def unavailable(error: BaseException) -> DataUnavailable | None:
    """What an error says about the disk; None where the fault is another.

    >>> unavailable(OSError(errno.EROFS, "Read-only file system"))
    DataUnavailable('the data folder of the server is read-only; nothing was saved')
    """
    if isinstance(error, DataUnavailable):
        return error
    reason = None
    if isinstance(error, sqlite3.Error):
        reason = BY_SQLITE.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
    elif isinstance(error, OSError):
        reason = BY_ERRNO.get(error.errno or 0)
    return None if reason is None else lost(reason)


def lost(reason: str) -> DataUnavailable:
    """The error for a reason of `SENTENCES`."""
    return DataUnavailable(SENTENCES[reason], reason)


class Disk:
    """The disk of the folder `data`, probed by a thread: when somebody asks, and after a failure until it recovers.

    problem:  why the disk cannot be written, as a key of `SENTENCES`; None where nothing is known to be wrong
    failures: how often each reason was met
    """

    def __init__(self, data: Path) -> None:
        self.problem: str | None = None
        self.failures: Counter[str] = Counter()
        self._data, self._identity = data, identity(data)
        self._probes = 0
        self._probed = 0.0  # when the last one ended
        self._changed = threading.Condition()
        self._asked = threading.Event()
        self._closing = threading.Event()
        threading.Thread(target=self._keep_probing, daemon=True, name="disk").start()

    @property
    def stale(self) -> bool:
        """Whether a new probe must tell that nothing is wrong."""
        return self.problem is None and time.monotonic() - self._probed >= FRESH

    def check(self) -> str | None:
        """The problem after a new probe, where the last one is old. That a disk does not answer is a problem too."""
        with self._changed:
            if self.stale:
                before = self._probes
                self._asked.set()
                if not self._changed.wait_for(lambda: self._probes != before, PATIENCE):
                    return "silent"
            return self.problem

    def report(self, error: BaseException) -> DataUnavailable | None:
        """Take note of a failure, and return what it says about the disk; None where the fault is another."""
        found = unavailable(error)
        if found is not None:
            with self._changed:
                self.failures[found.reason] += 1
                self._set(found.reason)
            self._asked.set()
        return found

    def probe(self) -> str | None:
        """Why nothing can be written now, as a key of `SENTENCES`; it takes as long as the disk does."""
        return probe(self._data) if self._in_place() else GONE

    def wait(self, seconds: float = INTERVAL) -> None:
        """Wait before another try, or until the server shuts down."""
        self._closing.wait(seconds)

    def close(self) -> None:
        """Probe no longer."""
        self._closing.set()
        self._asked.set()

    def _keep_probing(self) -> None:
        while not self._closing.is_set():
            self._asked.wait(INTERVAL if self.problem is not None else None)
            if self.problem is not None:
                self._closing.wait(INTERVAL)
            if self._closing.is_set():
                return
            self._asked.clear()
            found = self.probe()
            with self._changed:
                self._set(found)
                self._probes, self._probed = self._probes + 1, time.monotonic()
                self._changed.notify_all()

    def _in_place(self) -> bool:
        try:
            return identity(self._data) == self._identity
        except OSError:
            return False

    def _set(self, problem: str | None) -> None:
        if self.problem in {problem, DAMAGED}:  # damage does not mend itself
            return
        if problem is None:
            log.warning("the disk of the server can be written again")
        else:
            log.warning(SENTENCES[problem])
        self.problem = problem


def probe(folder: Path) -> str | None:
    """Why nothing can be written in a folder, as a key of `SENTENCES`; None where a few pages reach the disk."""
    path = folder / f".probe-{secrets.token_hex(4)}"
    try:
        try:
            with path.open("xb") as file:
                file.write(PROBE)
                file.flush()
                os.fsync(file.fileno())
        finally:
            with suppress(OSError):
                path.unlink()
    except OSError as error:
        return BY_ERRNO.get(error.errno or 0, GONE if error.errno == errno.ENOENT else "faulty")
    return None


def identity(path: Path) -> tuple[int, int]:
    """Which file or folder is at a path: another one has another identity. Raises OSError."""
    status = path.stat()
    return status.st_dev, status.st_ino
