"""Everything that is told as JSON Lines at the end of a file; a killed run and a full disk leave whole rows."""

from __future__ import annotations

import json
import os
from pathlib import Path

from whenabouts.commands.watching.sinks.background import Background, Report
from whenabouts.commands.watching.told import Told, row
from whenabouts.errors import InputError

__all__ = ["Rows"]

LIMIT = 10_000  # rows that wait while the disk is full
TAIL = 1 << 20  # bytes in which the end of the last whole row is looked for


class Rows:
    """Appends a row for each told thing, flushed at once. Raises InputError for a file that holds something else."""

    def __init__(self, path: Path, report: Report) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
            self._size = _whole(self._file, path)
        except OSError as error:
            raise InputError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from None
        self._background: Background[bytes] = Background("events", self._write, report, attempts=None, limit=LIMIT)

    def __call__(self, told: Told) -> None:
        """Append a row; returns at once."""
        self._background.put(json.dumps(row(told), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._background.close()
        os.close(self._file)

    def _write(self, data: bytes) -> None:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self._size)  # no half row stays
            raise
        self._size += len(data)


def _whole(file: int, path: Path) -> int:
    """The size of the file after cutting off a row that was half written. Raises InputError, OSError."""
    size = os.fstat(file).st_size
    if not size:
        return 0
    os.lseek(file, 0, os.SEEK_SET)
    if not os.read(file, 64).startswith(b'{"type": "watch"'):
        raise InputError(f"{path} does not hold the events of a watch; name another file")
    start = max(0, size - TAIL)
    os.lseek(file, start, os.SEEK_SET)
    tail = os.read(file, TAIL)
    if (end := tail.rfind(b"\n")) < 0:
        raise InputError(f"{path} does not end in a row of events; name another file")
    os.ftruncate(file, start + end + 1)
    return start + end + 1
