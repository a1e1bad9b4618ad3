"""The standing queries that are wanted: changed from any thread, and in a file that is read again when it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

from whenabouts.commands.command import MAX_QUERY_CHARS
from whenabouts.errors import InputError, QueryError
from whenabouts.query import queries_of

__all__ = ["MOST_QUERIES", "QueriesFile", "Wanted"]

MOST_QUERIES = 100
MAX_BYTES = 1 << 20  # of a file of queries
LOOK = 1.0  # seconds between two looks at a file


class Wanted:
    """The queries that are wanted, in the order that they were added; the watch brings its grounder in line."""

    def __init__(self, queries: Iterable[str] = ()) -> None:
        self._lock = Lock()
        self._queries: list[str] = []
        for query in queries:
            self.add(query)

    @property
    def queries(self) -> tuple[str, ...]:
        """The queries, oldest first."""
        with self._lock:
            return tuple(self._queries)

    def add(self, query: str) -> None:
        """Want one more. Raises QueryError where it is empty, too long, wanted already, or one too many."""
        [query] = queries_of([query])
        if len(query) > MAX_QUERY_CHARS:
            raise QueryError(f"a query has at most {MAX_QUERY_CHARS} characters")
        with self._lock:
            if query in self._queries:
                raise QueryError(f"the query {query!r} is asked already")
            if len(self._queries) >= MOST_QUERIES:
                raise QueryError(f"at most {MOST_QUERIES} queries can be asked at once; remove one first")
            self._queries.append(query)

    def remove(self, query: str) -> None:
        """Want one no longer. Raises QueryError where it is not asked."""
        with self._lock:
            if query not in self._queries:
                raise QueryError(f"the query {query!r} is not asked")
            self._queries.remove(query)


class QueriesFile:
    """A file of queries, one a line; empty lines and those that begin with # are passed over.

    Raises InputError where it cannot be read at first, QueryError where it holds what is no query.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._path, self._now = path, now
        self._next = 0.0
        self._stamp: tuple[int, int, int] | None = None
        self.queries: tuple[str, ...] = ()
        self._read()

    def changed(self) -> tuple[list[str], list[str]]:
        """The queries that were added to the file and those that were removed, since the last look.

        Raises InputError, QueryError; the queries then stay as they were.
        """
        if self._now() < self._next:
            return [], []
        before = self.queries
        self._read()
        after = self.queries
        return [each for each in after if each not in before], [each for each in before if each not in after]

    def _read(self) -> None:
        self._next = self._now() + LOOK
        try:
            about = self._path.stat()
            stamp = about.st_mtime_ns, about.st_size, about.st_ino
            if stamp == self._stamp:
                return
            with self._path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise InputError(f"{self._path} cannot be read: {(error.strerror or str(error)).lower()}") from None
        self._stamp = stamp
        if len(data) > MAX_BYTES:
            raise InputError(f"{self._path} is too large for a file of queries")
        lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines()]
        queries = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
        if len(queries) > MOST_QUERIES:
            raise QueryError(f"{self._path} has more than {MOST_QUERIES} queries")
        for query in queries:
            if len(query) > MAX_QUERY_CHARS:
                raise QueryError(f"{self._path}: a query has at most {MAX_QUERY_CHARS} characters")
        self.queries = queries
