"""The store: LanceDB tables in one folder, of which nothing is ever half there.

A film's rows count only once its row in `films` is written, which is one atomic commit; what a killed process left
without such a row is swept before the next indexing. Every write happens under one lock, and every film is claimed by
a lock of its own while it is indexed, so that processes share a folder. The system frees locks of the dead.

films   sha256, duration, language, rows: one per content       places  path, size, mtime, sha256: where it lies
shots   sha256, start, end, vector: stretches that look alike     lines   sha256, start, end, kind, text
problems  path, size, mtime, reason: files that could not be read
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MissingExtra, WhenaboutsError

__all__ = ["Library", "LibraryError"]

HEX = 64


class LibraryError(InputError):
    """A library that cannot be opened or written."""


class Library:
    """A library in the folder `path`, made if there is none. Raises LibraryError, MissingExtra.

    encoder: name and sha256 of what made the vectors; a library holds those of one encoder only
    dim:     length of a vector
    """

    def __init__(self, path: Path, *, encoder: str, dim: int) -> None:
        try:
            import lancedb
            import pyarrow as pa
            from filelock import FileLock
        except ImportError as error:
            raise MissingExtra("library", "a library") from error
        self.path, self.dim = path, dim
        try:
            (path / "claims").mkdir(parents=True, exist_ok=True)
            self._writing: Any = FileLock(path / "write.lock")
            with self._writing:
                self._db: Any = lancedb.connect(path / "tables")
                for name, schema in _schemas(pa, dim).items():
                    self._db.create_table(name, schema=schema, exist_ok=True)
                self._belongs(encoder)
        except (OSError, ValueError, RuntimeError) as error:
            if isinstance(error, WhenaboutsError):
                raise
            raise LibraryError(f"{path} cannot be opened as a library: {_first(error)}") from error

    def _belongs(self, encoder: str) -> None:
        name = self.path / "encoder.txt"
        if not name.exists():
            name.write_text(encoder + "\n", "utf-8")
        elif (known := name.read_text("utf-8").strip()) != encoder:
            raise LibraryError(f"{self.path} was made with the encoder {known}, not {encoder}; choose another folder")

    def table(self, name: str) -> Any:
        """A LanceDB table as it is now."""
        return self._db.open_table(name)

    def films(self) -> dict[str, dict[str, Any]]:
        """Every film by sha256."""
        return {row["sha256"]: row for row in self.table("films").to_arrow().to_pylist()}

    def places(self) -> dict[str, dict[str, Any]]:
        """Every known file by path."""
        return {row["path"]: row for row in self.table("places").to_arrow().to_pylist()}

    def problems(self) -> dict[str, dict[str, Any]]:
        """Every file that could not be read, by path."""
        return {row["path"]: row for row in self.table("problems").to_arrow().to_pylist()}

    @contextmanager
    def claim(self, sha256: str) -> Iterator[bool]:
        """Whether this process may index a film now; another one may be at it."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / "claims" / f"{_hex(sha256)}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def add(self, sha256: str, shots: Any, lines: Any, *, duration: float, language: str | None) -> None:
        """Take in a film that is claimed: its rows, then the row that makes them visible. Raises LibraryError."""
        with self._write() as tables:
            if sha256 in self.films():
                return
            self._forget_rows(sha256)
            for name, rows in (("shots", shots), ("lines", lines)):
                if len(rows):
                    tables(name).add(rows)
            film = {"sha256": sha256, "duration": duration, "language": language, "rows": len(shots)}
            tables("films").add([film])

    def put(self, place: dict[str, Any]) -> None:
        """Remember where a file lies, in place of what was known of its path."""
        with self._write() as tables:
            tables("problems").delete(_equal("path", place["path"]))
            matched = tables("places").merge_insert("path").when_matched_update_all()
            matched.when_not_matched_insert_all().execute([place])

    def fail(self, problem: dict[str, Any]) -> None:
        """Remember why a file could not be read."""
        with self._write() as tables:
            tables("places").delete(_equal("path", problem["path"]))
            matched = tables("problems").merge_insert("path").when_matched_update_all()
            matched.when_not_matched_insert_all().execute([problem])

    def gone(self, paths: Sequence[str]) -> None:
        """Forget files; films that lie nowhere any more go with them."""
        with self._write() as tables:
            for path in paths:
                tables("places").delete(_equal("path", path))
                tables("problems").delete(_equal("path", path))
            kept = {row["sha256"] for row in self.places().values()}
            for sha256 in self.films().keys() - kept:
                with self.claim(sha256) as free:
                    if free:
                        tables("films").delete(_equal("sha256", sha256))
                        self._forget_rows(sha256)

    def sweep(self) -> int:
        """Delete rows of films that were never finished and that nobody is at; how many films that were."""
        with self._write():
            known = set(self.films())
            found = {sha for name in ("shots", "lines") for sha in _distinct(self.table(name))} - known
            swept = 0
            for sha256 in found:
                with self.claim(sha256) as free:
                    if free:
                        self._forget_rows(sha256)
                        swept += 1
            for lock in (self.path / "claims").glob("*.lock"):
                if lock.stem in known:
                    with suppress(OSError):
                        lock.unlink()
            return swept

    def compact(self) -> None:
        """Join small files, drop old versions, and bring the indices up to date."""
        from datetime import timedelta

        with self._write() as tables:
            for name in ("films", "places", "problems", "shots", "lines"):
                tables(name).optimize(cleanup_older_than=timedelta(seconds=0), delete_unverified=False)

    def index(self) -> bool:
        """Build indices of vectors and words where they pay; whether there is one of vectors now."""
        from whenabouts.library.vectors import build

        with self._write() as tables:
            return build(tables("shots"), tables("lines"))

    @contextmanager
    def _write(self) -> Iterator[Any]:
        try:
            with self._writing:
                yield self.table
        except (OSError, ValueError, RuntimeError) as error:
            if isinstance(error, WhenaboutsError):
                raise
            raise LibraryError(f"{self.path} cannot be written: {_first(error)}") from error

    def _forget_rows(self, sha256: str) -> None:
        for name in ("shots", "lines"):
            table = self.table(name)
            if table.count_rows(_equal("sha256", sha256)):
                table.delete(_equal("sha256", sha256))


def shots_table(sha256: str, times: Sequence[tuple[float, float]], vectors: NDArray[np.float32]) -> Any:
    """Rows of `shots`: vectors (N, dim) of stretches in seconds."""
    import pyarrow as pa

    count, dim = vectors.shape
    flat = pa.array(vectors.astype(np.float16).ravel())
    return pa.table(
        {
            "sha256": [sha256] * count,
            "start": [float(start) for start, _ in times],
            "end": [float(end) for _, end in times],
            "vector": pa.FixedSizeListArray.from_arrays(flat, dim),
        }
    )


def _schemas(pa: Any, dim: int) -> dict[str, Any]:
    text, number = pa.string(), pa.float64()
    stretch = [("sha256", text), ("start", number), ("end", number)]
    return {
        "films": pa.schema([("sha256", text), ("duration", number), ("language", text), ("rows", pa.int64())]),
        "places": pa.schema([("path", text), ("size", pa.int64()), ("mtime", pa.int64()), ("sha256", text)]),
        "problems": pa.schema([("path", text), ("size", pa.int64()), ("mtime", pa.int64()), ("reason", text)]),
        "shots": pa.schema([*stretch, ("vector", pa.list_(pa.float16(), dim))]),
        "lines": pa.schema([*stretch, ("kind", text), ("text", text)]),
    }


def _distinct(table: Any) -> set[str]:
    columns = table.search().select(["sha256"]).to_arrow() if table.count_rows() else None
    return set() if columns is None else set(columns["sha256"].unique().to_pylist())


def _hex(sha256: str) -> str:
    if len(sha256) != HEX or not set(sha256) <= set("0123456789abcdef"):
        raise LibraryError(f"{sha256!r} is no sha256")
    return sha256


def _equal(column: str, value: str) -> str:
    quoted = value.replace("'", "''")
    return f"{column} = '{quoted}'"


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
