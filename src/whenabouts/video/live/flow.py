"""Bytes as they come, from a pipe or from a file that is being written; FFmpeg cannot seek in them."""

from __future__ import annotations

import os
import select
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from threading import Event

__all__ = ["Flow", "Growing", "Piped"]

GLANCE = 0.1  # seconds between two looks at whether there is more


class Flow(ABC):
    """What FFmpeg reads: `read` waits for bytes, and gives none at the end or once `stop` is set.

    restarted: whether the end was that of a file which was then cut short, or replaced by another of the same name
    """

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self.restarted = False

    @abstractmethod
    def read(self, size: int) -> bytes:
        """At most `size` bytes; b"" at the end. Raises OSError."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what is read."""


class Growing(Flow):
    """A file, and what is written to it later; it ends once nothing was added for `idle` seconds (None: never).

    Opening raises OSError.
    """

    def __init__(self, path: Path, idle: float | None, stop: Event) -> None:
        super().__init__(stop)
        self._path, self._idle = path, idle
        self._file = path.open("rb", buffering=0)
        self._is_over = False

    def read(self, size: int) -> bytes:
        """See `Flow`."""
        since = time.monotonic()
        while not (self._stop.is_set() or self._is_over):  # FFmpeg asks again after an end
            if chunk := self._file.read(size):
                return chunk
            if self._is_another():
                self._is_over = self.restarted = True
            elif self._idle is not None and time.monotonic() - since >= self._idle:
                self._is_over = True
            else:
                self._stop.wait(GLANCE)
        return b""

    def _is_another(self) -> bool:
        mine = os.fstat(self._file.fileno())
        if mine.st_size < self._file.tell():
            return True
        try:
            named = self._path.stat()
        except OSError:
            return False  # deleted, or between two names: what is open may still be written
        return not os.path.samestat(mine, named)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Piped(Flow):
    """stdin, or a named pipe; opening one waits for nobody."""

    def __init__(self, path: Path | None, stop: Event) -> None:
        super().__init__(stop)
        self._own = path is not None
        self._descriptor = (
            sys.stdin.fileno() if path is None else os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        )
        self._named, self._begun = self._own, False

    def read(self, size: int) -> bytes:
        """See `Flow`."""
        while not self._stop.is_set():
            if os.name == "posix" and not select.select([self._descriptor], [], [], GLANCE)[0]:
                continue
            try:
                chunk = os.read(self._descriptor, size)
            except BlockingIOError:
                continue
            if chunk or self._begun or not self._named:
                self._begun = True
                return chunk
            self._stop.wait(GLANCE)  # nobody has opened the other end of a named pipe yet
        return b""

    def close(self) -> None:
        """Close a named pipe; stdin stays as it is."""
        if self._own:
            os.close(self._descriptor)
