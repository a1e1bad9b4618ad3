"""The store: LanceDB tables in one folder, in which a video is either complete or absent.

A video's rows count only once its row in `videos` is written, which is one atomic commit; rows that a killed process
left without it are deleted before the next indexing. Every write holds one lock, and a process that indexes a video
holds another lock of that video (its claim), so that processes can share the work on a folder. The operating system
releases the locks of dead processes. Reading takes no lock and writes nothing.

videos    sha256, duration, language, shots, lines: one row per content; `shots` and `lines` count its rows
places    path, size, mtime, sha256: files and their content
problems  path, size, mtime, reason: files that could not be read
shots     sha256, start, end, vector: stretches whose frames look alike
lines     sha256, start, end, kind, text

On a full disk LanceDB (0.40) may commit a truncated file. So everything written is read back before it is relied on,
and a table that cannot be read is restored to its last readable version.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from whenabouts.errors import LibraryError, MissingExtra, WhenaboutsError
from whenabouts.files.atomic import replacing
from whenabouts.library.notes import put_notes, remove_notes
from whenabouts.library.schema import among, equal, from_name, schemas, to_name

__all__ = ["ENCODER", "Library", "is_library", "is_panic"]

ENCODER = "encoder.txt"  # written last when a library is made: a folder without it is not a library
MIN_FREE_BYTES = 32 << 20  # of the disk, which are never used
LOCK_TIMEOUT = 900.0  # seconds to wait for another process that writes
IN_RUST = re.compile(r", /\S+\.rs:")  # where LanceDB was built, at the end of what it says
KEEP_VERSIONS = timedelta(minutes=1)  # for processes that are reading them: a search takes less than a second


def is_library(path: Path) -> bool:
    """Whether there is a library at a path."""
    return (path / ENCODER).is_file()


class Library:
    """A library in the folder `path`, created if it does not exist. Raises LibraryError, MissingExtra.

    encoder: name and sha256 of the encoder of the vectors; a library holds vectors of one encoder only
    dim:     length of a vector
    """

    def __init__(self, path: Path, *, encoder: str, dim: int) -> None:
        os.environ.setdefault("LANCEDB_LOG", "error")  # problems are reported by exceptions
        try:
            import lancedb
            from filelock import FileLock
        except ImportError as error:
            raise MissingExtra("library", "a library") from error
        self.path, self.dim = path, dim
        self._writing: Any = FileLock(path / "write.lock", timeout=LOCK_TIMEOUT)
        with self._as_library_error("opened as a library"):
            if not (path / ENCODER).is_file():
                (path / "claims").mkdir(parents=True, exist_ok=True)
                with self._writing:
                    if not (path / ENCODER).is_file():
                        self._make(lancedb, encoder)
            self._rename_table_of_old_libraries()
            self._db: Any = lancedb.connect(path / "tables")
            known = (path / ENCODER).read_text("utf-8").strip()
            for name in schemas(dim):
                self.table(name)
        if known != encoder:
            raise LibraryError(f"{path} was made with the encoder {known}, not {encoder}; choose another folder")

    def _make(self, lancedb: Any, encoder: str) -> None:
        from whenabouts.library.vectors import build

        shutil.rmtree(self.path / "tables", ignore_errors=True)  # left by a process that died here
        database = lancedb.connect(self.path / "tables")
        tables = {name: database.create_table(name, schema=schema) for name, schema in schemas(self.dim).items()}
        build(tables["shots"], tables["lines"])
        with replacing(self.path / ENCODER) as part:
            part.write_text(encoder + "\n", encoding="utf-8")

    def _rename_table_of_old_libraries(self) -> None:
        """Version 0.1 named the table of videos `films`; nothing else has changed since."""
        old, new = (self.path / "tables" / f"{name}.lance" for name in ("films", "videos"))
        if old.is_dir():
            with self._writing:
                if old.is_dir():
                    old.rename(new)

    def table(self, name: str) -> Any:
        """The latest version of a LanceDB table."""
        return self._db.open_table(name)

    def videos(self) -> dict[str, dict[str, Any]]:
        """The rows of all videos by sha256, including videos whose files are missing."""
        return {row["sha256"]: row for row in self._all("videos")}

    def places(self) -> dict[str, dict[str, Any]]:
        """The rows of all known files by path."""
        return {row["path"]: row for row in self._all("places")}

    def problems(self) -> dict[str, dict[str, Any]]:
        """The rows of all files that could not be read, by path."""
        return {row["path"]: row for row in self._all("problems")}

    def paths(self, videos: Collection[str]) -> dict[str, list[str]]:
        """The paths, in order, of the known files of some videos, by sha256; a video without one is left out."""
        if not videos:
            return {}
        with self._as_library_error("read"):
            rows = self.table("places").search().where(among("sha256", videos)).select(["sha256", "path"]).to_list()
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["sha256"], []).append(from_name(row["path"]))
        return {sha256: sorted(paths) for sha256, paths in found.items()}

    def missing(self) -> set[str]:
        """The videos whose files are gone, by sha256."""
        return self._contents("videos") - self._contents("places")

    def has(self, sha256: str) -> bool:
        """Whether the library holds a video."""
        with self._as_library_error("read"):
            return bool(self.table("videos").count_rows(equal("sha256", sha256)))

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """Yields `table` for queries; errors of LanceDB are raised as LibraryError."""
        with self._as_library_error("read"):
            yield self.table

    @contextmanager
    def claim(self, sha256: str) -> Iterator[bool]:
        """Yields whether this process may index a video now: not while another process is indexing it."""
        from filelock import FileLock, Timeout

        with self._as_library_error("written"):
            (self.path / "claims").mkdir(exist_ok=True)
            lock: Any = FileLock(self.path / "claims" / f"{sha256}.lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                lock = None
        try:
            yield lock is not None
        finally:
            if lock is not None:
                # A process that opened the file just before it is deleted also gets a claim: both then index the video,
                # and `add` keeps the rows of the first.
                with suppress(OSError):
                    Path(lock.lock_file).unlink()
                lock.release()

    def add(
        self,
        sha256: str,
        shots: Any,
        lines: Any,
        *,
        duration: float,
        language: str | None,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Add a video unless the library holds it: its rows, then the row that makes them count. Raises LibraryError.

        shots, lines: Arrow tables without the column `sha256`, as `schema.shots_table` and `lines_table` make them
        notes:        what is told with each of its hits
        """
        with self._write() as table:
            if table("videos").count_rows(equal("sha256", sha256)):
                return
            for name, rows in (("shots", shots), ("lines", lines)):
                _forget(table(name), [sha256])  # left by a process that died here after the last sweep
                if len(rows):
                    table(name).add(rows.add_column(0, "sha256", [[sha256] * len(rows)]))
            self._read_back("shots", "lines")
            put_notes(self.path, sha256, notes)
            row = {"sha256": sha256, "duration": duration, "language": language}
            table("videos").add([row | {"shots": len(shots), "lines": len(lines)}])

    def put(self, place: dict[str, Any]) -> bool:
        """Record the file of a video, replacing what was recorded for its path.

        False if the library does not hold the video.
        """
        with self._write() as table:
            if not table("videos").count_rows(equal("sha256", place["sha256"])):
                return False
            _upsert(table("places"), place)
            _remove(table("problems"), place["path"])
            return True

    def fail(self, problem: dict[str, Any]) -> None:
        """Record why a file could not be read."""
        with self._write() as table:
            _upsert(table("problems"), problem)
            _remove(table("places"), problem["path"])

    def gone(self, paths: Iterable[str]) -> None:
        """Remove files. Their videos stay until `compact`: the files may come back, under this path or another."""
        with self._write() as table:
            for path in paths:
                _remove(table("places"), path)
                _remove(table("problems"), path)

    def sweep(self) -> int:
        """Delete rows of videos that were never completed; returns the number of these videos."""
        with self._write() as table:
            self._restore()
            videos, swept = self._all("videos"), set()
            known = {video["sha256"] for video in videos}
            for name in ("shots", "lines"):
                rows = table(name)
                if rows.count_rows() != sum(video[name] for video in videos):
                    unknown = self._contents(name) - known
                    _forget(rows, unknown)
                    swept |= unknown
            return len(swept)

    def reindex(self) -> None:
        """Build the indices anew, out of the rows."""
        from whenabouts.library.vectors import build

        with self._write() as table:
            for name in ("shots", "lines"):
                for index in table(name).list_indices():
                    table(name).drop_index(index.name)
            build(table("shots"), table("lines"))

    def compact(self) -> int:
        """Delete videos whose files are missing, merge small files, delete old versions and update the indices.

        Returns the number of videos deleted.
        """
        with self._write() as table:
            missing = self.missing()
            for name in ("videos", "shots", "lines"):  # videos first: rows without one do not count
                _forget(table(name), missing)
            remove_notes(self.path, missing)
            self._optimize(table)
            return len(missing)

    def index(self) -> bool:
        """Merge small files and build the indices; returns whether the vectors have one now."""
        with self._write() as table:
            return self._optimize(table)

    def _optimize(self, table: Any) -> bool:
        from whenabouts.library.vectors import build

        used = sum(file.stat().st_size for file in (self.path / "tables").rglob("*.lance") if file.is_file())
        if shutil.disk_usage(self.path).free < 2 * used + MIN_FREE_BYTES:
            return False  # search works without, only slower
        for name in schemas(self.dim):
            table(name).optimize()
            self._read_back(name)
            # No other process is writing now, so files without a version were left by processes that died.
            table(name).optimize(cleanup_older_than=KEEP_VERSIONS, delete_unverified=True)
        return build(table("shots"), table("lines"))

    def _read_back(self, *names: str) -> None:
        for name in names:
            if not _readable(self.table(name)):
                raise OSError("the data just written cannot be read back; the disk may be full")

    def _restore(self) -> None:
        """Restore tables that cannot be read to their last readable version."""
        for name in schemas(self.dim):
            table = self.table(name)
            versions = sorted((each["version"] for each in table.list_versions()), reverse=True)
            for number, version in enumerate(versions):
                if number:
                    table.checkout(version)
                if _readable(table, whole=True):
                    if number:
                        table.restore()
                    break

    def _all(self, name: str) -> list[dict[str, Any]]:
        with self._as_library_error("read"):
            rows: list[dict[str, Any]] = self.table(name).to_arrow().to_pylist()
        return [row | {"path": from_name(row["path"])} if "path" in row else row for row in rows]

    def _contents(self, name: str) -> set[str]:
        """The different values of `sha256` in a table; no other column is read."""
        with self._as_library_error("read"):
            return set(self.table(name).search().select(["sha256"]).to_arrow()["sha256"].unique().to_pylist())

    @contextmanager
    def _write(self) -> Iterator[Any]:
        touched: set[str] = set()

        def table(name: str) -> Any:
            touched.add(name)
            return self.table(name)

        with self._as_library_error("written"), self._writing:
            if shutil.disk_usage(self.path).free < MIN_FREE_BYTES:
                raise OSError("the disk is full")
            try:
                yield table
                self._read_back(*touched)
            except Exception:
                with suppress(Exception):  # the next indexing tries again
                    self._restore()
                raise

    @contextmanager
    def _as_library_error(self, what: str) -> Iterator[None]:
        """Raise errors of LanceDB, Arrow and the operating system as a LibraryError of one sentence."""
        try:
            yield
        except WhenaboutsError:
            raise
        except TimeoutError as error:
            message = f"{self.path} has been written by another process for {LOCK_TIMEOUT / 60:.0f} minutes; try again"
            raise LibraryError(message) from error
        except (OSError, ValueError, RuntimeError, LookupError) as error:
            raise LibraryError(f"{self.path} cannot be {what}: {_first_line(error)}") from error
        except BaseException as error:
            if not is_panic(error):
                raise
            raise LibraryError(f"{self.path} cannot be {what}: it is damaged ({_first_line(error)})") from error


def _readable(table: Any, *, whole: bool = False) -> bool:
    """Whether every file of a table can be opened: its footer is at the end, so a truncated file cannot.

    With `whole` all of its columns are read.
    """
    try:
        rows = table.search()
        for _ in (rows if whole else rows.select([table.schema.names[1]])).to_batches():
            pass
    except BaseException as error:
        if not (isinstance(error, OSError | ValueError | RuntimeError) or is_panic(error)):
            raise
        return False
    return True


def is_panic(error: BaseException) -> bool:
    """Whether LanceDB's parser met bytes that it did not expect."""
    return type(error).__name__ in ("PanicException", "RustPanic")


def _upsert(table: Any, row: dict[str, Any]) -> None:
    import pyarrow as pa

    rows = pa.Table.from_pylist([row | {"path": to_name(row["path"])}], schema=table.schema)
    table.merge_insert("path").when_matched_update_all().when_not_matched_insert_all().execute(rows)


def _remove(table: Any, path: str) -> None:
    where = equal("path", to_name(path))
    if table.count_rows(where):
        table.delete(where)


def _forget(table: Any, videos: Iterable[str]) -> None:
    for sha256 in videos:
        where = equal("sha256", sha256)
        if table.count_rows(where):
            table.delete(where)


def _first_line(error: BaseException) -> str:
    told = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return IN_RUST.split(told)[0][:200]
