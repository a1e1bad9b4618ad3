"""A file of JSON Lines that grows row by row, and goes on where a killed run stopped."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing, synced
from whenabouts.files.locks import locked
from whenabouts.files.storage import storing

__all__ = ["Journal", "whole_rows"]

SYNC = 1.0  # seconds: what a power failure may lose of rows that come faster


class Journal:
    """The rows of a file, and the only one that adds to it: another run on the same file is refused until it is closed.

    A row that was half written is cut off first. `rows` are those that were there; without any there is no file before
    the first is added. `receipt` says how the rows are made; it is kept beside them in NAME.receipt.json. Raises
    InputError for a file with another receipt or none, and for one that another run writes; StorageError.
    """

    def __init__(self, path: Path, receipt: dict[str, Any]) -> None:
        self.path, self._synced = path, 0.0
        about = path.with_suffix(".receipt.json")
        with storing(about):
            about.parent.mkdir(parents=True, exist_ok=True)
            self._about: IO[bytes] = about.open("a+b")
        try:
            locked(self._about, path)
            self.rows = self._resumed(receipt)
        except BaseException:
            self._about.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows at the end of the file, whole or not at all. Raises StorageError."""
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        if not content:
            return
        with storing(self.path), self.path.open("ab", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[file.write(rest) or 0 :]
            except OSError:
                os.ftruncate(file.fileno(), size)
                raise
            if time.monotonic() - self._synced > SYNC:
                os.fsync(file.fileno())
                self._synced = time.monotonic()

    def close(self) -> None:
        """Let what was added reach the disk, and other runs the file."""
        if self._about.closed:
            return
        try:
            if self.path.exists():
                with storing(self.path):
                    synced(self.path)
                    synced(self.path.parent)
        finally:
            self._about.close()

    def _resumed(self, receipt: dict[str, Any]) -> list[dict[str, Any]]:
        path = self.path
        data = path.read_bytes() if path.exists() else b""
        if not data:
            self._tell(receipt)
            return []
        self._about.seek(0)
        if (made := _json(self._about.read())) is None:
            raise InputError(f"{path} does not say how it was made, so it cannot go on; name another with --out")
        if unlike := [name for name in {**receipt, **made} if receipt.get(name) != made.get(name)]:
            raise InputError(
                f"{path} was made with another model or setting ({', '.join(unlike)}); name another with --out"
            )
        rows, length = whole_rows(data)
        if cut := data[length:].partition(b"\n")[2]:
            broken, left = data.count(b"\n", 0, length) + 1, cut.count(b"\n")
            raise InputError(f"{path}, line {broken}: this is no answer, and {left} more lines follow; remove it")
        if length < len(data):
            with replacing(path) as part:
                part.write_bytes(data[:length])
        return rows

    def _tell(self, receipt: dict[str, Any]) -> None:
        """Write the receipt in place, since its file is the lock; one that is torn counts for nothing without rows."""
        with storing(Path(self._about.name)):
            try:
                self._about.truncate(0)
                self._about.write((json.dumps(receipt, indent=2) + "\n").encode())
                self._about.flush()
                os.fsync(self._about.fileno())
            except OSError:
                Path(self._about.name).unlink(missing_ok=True)
                raise


def whole_rows(data: bytes) -> tuple[list[dict[str, Any]], int]:
    r"""The JSON objects at the start of a file, one a line, and how many bytes they are.

    Lines end in a newline and nothing else: a row may hold U+2028. What was half written ends the rows.

    >>> whole_rows(b'{"qid": 1}\n{"qid": 2, "half a')
    ([{'qid': 1}], 11)
    """
    rows: list[dict[str, Any]] = []
    length = 0
    for line in data.split(b"\n")[:-1]:
        row = _json(line)
        if row is None:
            break
        rows.append(row)
        length += len(line) + 1
    return rows, length


def _json(data: bytes) -> dict[str, Any] | None:
    """A JSON object; None for what is none, such as bytes that end within a letter."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
