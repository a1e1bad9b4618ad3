"""SQLite files of the server: opened so that nothing is lost, and brought to the schema of this version.

Readers have a connection of their own, so that they wait neither for a writer nor for the disk it writes to. A write
that was acknowledged has reached the disk (`synchronous = full`); one that failed has changed nothing.

SQLite's `user_version` counts versions of the schema. Version 0 is a new file, or one that whenabouts 0.1 wrote, which
called a video `film` and set no version.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from threading import Lock, RLock
from typing import Any, TypeVar

from whenabouts.errors import InputError
from whenabouts.files.atomic import sync_folder
from whenabouts.server.disk import DAMAGED, FULL, GONE, identity, lost, probe, unavailable

__all__ = ["VERSION", "Database", "Report"]

log = logging.getLogger(__name__)

T = TypeVar("T")
Report = Callable[[BaseException], object]  # takes note of a failure

VERSION = 3  # of the schemas of this release
BUSY_SECONDS = 0.5  # that a statement waits for another program that has locked the file


class Database:
    """The database at `path`: made with `schema` where it is new, brought up to date with `upgrades` where it is old.

    upgrades:  by version, the statements that bring a file of the version before to it; the last one gives `schema`
    exclusive: only one server at a time may open the file; the operating system frees it when that one dies
    report:    is told that rows are damaged
    writes:    how many transactions were saved since it was opened

    Raises InputError where another server has the file open, where a newer version of whenabouts wrote it, and where
    it is damaged.
    """

    def __init__(
        self,
        path: Path,
        schema: str,
        upgrades: Mapping[int, str],
        *,
        exclusive: bool = False,
        report: Report | None = None,
    ) -> None:
        self._path, self.writes = path, 0
        self._report, self._damaged = report, set[str]()
        self._writing, self._reading = RLock(), Lock()
        self._open: list[sqlite3.Connection] = []
        try:
            if exclusive:
                self._claim()
            self._writer = self._connect(path)
            _prepare(self._writer, path, schema, upgrades)
            self._reader = self._connect(path)
            self._reader.row_factory = sqlite3.Row
            self._reader.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
            self._reader.execute("select count(*) from sqlite_schema").fetchone()
            self._identity = identity(path)
            sync_folder(path.parent)
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.Error):
                raise _refusal(path, error) from None
            raise

    def close(self) -> None:
        """Close it; a write that is under way ends first."""
        with self._writing, self._reading:
            for connection in reversed(self._open):
                connection.close()

    def read(self, statement: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """The rows of a query. Raises DataUnavailable."""
        try:
            with self._reading:
                return self._reader.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise unavailable(error) or error from error

    def made(self, make: Callable[[sqlite3.Row], T], statement: str, values: tuple[Any, ...] = ()) -> list[T]:
        """What `make` gives for each row of a query that has a `number`. Raises DataUnavailable.

        A row of which it raises ValueError or TypeError is damaged: it is left out and told, the others are not lost.
        """
        found = []
        for row in self.read(statement, values):
            try:
                "".join(value for value in row if isinstance(value, str)).encode()
                found.append(make(row))
            except (ValueError, TypeError) as error:
                self._tell(
                    f"row {row['number']} of {self._path.name} is damaged and left out ({error}); mend or delete it"
                )
        return found

    def _tell(self, damage: str) -> None:
        if damage in self._damaged:
            return
        self._damaged.add(damage)
        log.error("%s", damage)
        if self._report is not None:
            self._report(lost(DAMAGED))

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of the block is saved, or nothing. Raises DataUnavailable."""
        with self._writing:
            try:
                if not self._in_place():
                    raise lost(GONE)  # what is written to a file that was deleted or unmounted is lost
                self._writer.execute("begin immediate")
                yield self._writer
                self._writer.execute("commit")
                self.writes += 1
            except sqlite3.Error as error:
                raise self._explained(error) from error
            finally:
                if self._writer.in_transaction:
                    with suppress(sqlite3.Error):
                        self._writer.execute("rollback")

    def _explained(self, error: sqlite3.Error) -> Exception:
        """SQLite calls a used-up quota an I/O error too: another try to write tells what is wrong."""
        found = unavailable(error)
        if found is not None and found.reason == "faulty" and (reason := probe(self._path.parent)) is not None:
            return lost(reason)
        return found or error

    def _in_place(self) -> bool:
        try:
            return identity(self._path) == self._identity
        except OSError:
            return False

    def _claim(self) -> None:
        """Lock a file beside the database for as long as this process lives."""
        claim = self._connect(self._path.with_suffix(".lock"))
        claim.execute("pragma journal_mode = off")
        claim.execute("begin exclusive")

    def _connect(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)
        self._open.append(connection)
        return connection


def _prepare(database: sqlite3.Connection, path: Path, schema: str, upgrades: Mapping[int, str]) -> None:
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    database.execute("begin immediate")
    [(found,)] = database.execute("pragma quick_check(1)").fetchall()
    if found != "ok":
        raise sqlite3.DatabaseError(" ".join(found.split()))
    _bring_up_to_date(database, path, schema, upgrades)
    database.execute("commit")


def _bring_up_to_date(database: sqlite3.Connection, path: Path, schema: str, upgrades: Mapping[int, str]) -> None:
    version = database.execute("pragma user_version").fetchone()[0]
    if version > VERSION:
        raise InputError(
            f"{path} is from a newer version of whenabouts; update whenabouts or give another folder with --data"
        )
    is_new = database.execute("select count(*) from sqlite_schema where type = 'table'").fetchone()[0] == 0
    steps = [schema] if is_new else [upgrades[step] for step in sorted(upgrades) if step > version]
    if version < VERSION:
        for statement in chain.from_iterable(map(_statements, steps)):
            database.execute(statement)
        database.execute(f"pragma user_version = {VERSION}")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; the `;` within a trigger ends none."""
    statement = ""
    for piece in script.split(";"):
        statement += f"{piece};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _refusal(path: Path, error: sqlite3.Error) -> InputError:
    """Why a database cannot be opened; it is left as it is."""
    reason = getattr(unavailable(error), "reason", None)
    if reason in {"faulty", GONE}:  # SQLite says so of a full disk too
        reason = probe(path.parent)
    if reason == "locked":
        return InputError(f"another server is using {path.parent}; give another folder with --data")
    if reason == FULL:
        return InputError(f"{path} cannot be opened: the disk is full; free some space")
    if reason == "damaged" or not isinstance(error, sqlite3.OperationalError):
        return InputError(
            f"{path} is damaged or not a database of whenabouts ({error}); keep it, put a backup in its place, or save "
            f"what can be read with `sqlite3 {path.name} .recover | sqlite3 repaired.sqlite`"
        )
    return InputError(f"{path} cannot be opened: {error}; move it away or give another folder with --data")
