"""The store: LanceDB tables in one folder, of which nothing is ever half there.

A video's rows count only once its row in `videos` is written, which is one atomic commit; what a killed process left
without such a row is swept before the next indexing. Every write happens under one lock, and a video is claimed by a
lock of its own while it is indexed, so that processes share the work on a folder. The system frees locks of the dead.
Reading takes no lock and writes nothing.

videos     sha256, duration, language, shots, lines: one row per content, with the number of its rows
places    path, size, mtime, sha256: where it lies
problems  path, size, mtime, reason: files that could not be read
shots     sha256, start, end, vector: stretches that look alike
lines     sha256, start, end, kind, text

On a disk that is full LanceDB (0.40) may commit a file that was cut short. So what was written is read back before
anything builds on it, and a table that cannot be read goes back to its last whole version.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from whenabouts.errors import LibraryError, MissingExtra, WhenaboutsError
from whenabouts.files.atomic import replacing
from whenabouts.library.schema import equal, from_name, schemas, to_name

__all__ = ["ENCODER", "Library", "is_library"]

ENCODER = "encoder.txt"  # written last when a library is made: without it there is none
MARGIN = 32 << 20  # bytes of the disk that are left alone
PATIENCE = 900.0  # seconds to wait for another process that writes
KEPT = timedelta(minutes=1)  # old versions, for those who are reading them: a search takes less than a second


def is_library(path: Path) -> bool:
    """Whether there is a library at a path."""
    return (path / ENCODER).is_file()


class Library:
    """A library in the folder `path`, made if there is none. Raises LibraryError, MissingExtra.

    encoder: name and sha256 of what made the vectors; a library holds those of one encoder only
    dim:     length of a vector
    """

    def __init__(self, path: Path, *, encoder: str, dim: int) -> None:
        os.environ.setdefault("LANCEDB_LOG", "error")  # what goes wrong reaches us as exceptions
        try:
            import lancedb
            from filelock import FileLock
        except ImportError as error:
            raise MissingExtra("library", "a library") from error
        self.path, self.dim = path, dim
        self._writing: Any = FileLock(path / "write.lock", timeout=PATIENCE)
        with self._told("opened as a library"):
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

        shutil.rmtree(self.path / "tables", ignore_errors=True)  # of a process that died while it made them
        database = lancedb.connect(self.path / "tables")
        tables = {name: database.create_table(name, schema=schema) for name, schema in schemas(self.dim).items()}
        build(tables["shots"], tables["lines"])
        with replacing(self.path / ENCODER) as part, part.open("w", encoding="utf-8") as file:
            file.write(encoder + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _rename_table_of_old_libraries(self) -> None:
        """Version 0.1 called the table of videos `films`; nothing else has changed since."""
        old, new = (self.path / "tables" / f"{name}.lance" for name in ("films", "videos"))
        if old.is_dir():
            with self._writing:
                if old.is_dir():
                    old.rename(new)

    def table(self, name: str) -> Any:
        """A LanceDB table as it is now."""
        return self._db.open_table(name)

    def videos(self) -> dict[str, dict[str, Any]]:
        """Every video by sha256, also those that lie nowhere any more."""
        return {row["sha256"]: row for row in self._all("videos")}

    def places(self) -> dict[str, dict[str, Any]]:
        """Every known file by path."""
        return {row["path"]: row for row in self._all("places")}

    def problems(self) -> dict[str, dict[str, Any]]:
        """Every file that could not be read, by path."""
        return {row["path"]: row for row in self._all("problems")}

    def has(self, sha256: str) -> bool:
        """Whether a video is wholly there."""
        with self._told("read"):
            return bool(self.table("videos").count_rows(equal("sha256", sha256)))

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """The way to `table` for questions; what goes wrong is a LibraryError."""
        with self._told("read"):
            yield self.table

    @contextmanager
    def claim(self, sha256: str) -> Iterator[bool]:
        """Whether this process may index a video now; another one may be at it."""
        from filelock import FileLock, Timeout

        with self._told("written"):
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
                # Who opened the file just before it went claims a video too: then it is made twice, and taken in once.
                with suppress(OSError):
                    Path(lock.lock_file).unlink()
                lock.release()

    def add(self, sha256: str, shots: Any, lines: Any, *, duration: float, language: str | None) -> None:
        """Take in a video unless it is there: its rows, then the row that makes them count. Raises LibraryError.

        shots, lines: Arrow tables without the column `sha256`, as `schema.shots_table` and `lines_table` make them
        """
        with self._write() as table:
            if table("videos").count_rows(equal("sha256", sha256)):
                return
            for name, rows in (("shots", shots), ("lines", lines)):
                _forget(table(name), [sha256])  # another process may have died here since the last sweep
                if len(rows):
                    table(name).add(rows.add_column(0, "sha256", [[sha256] * len(rows)]))
            self._read_back("shots", "lines")
            row = {"sha256": sha256, "duration": duration, "language": language}
            table("videos").add([row | {"shots": len(shots), "lines": len(lines)}])

    def put(self, place: dict[str, Any]) -> bool:
        """Remember where a video lies, in place of what was known of its path; False if the video is not there."""
        with self._write() as table:
            if not table("videos").count_rows(equal("sha256", place["sha256"])):
                return False
            _upsert(table("places"), place)
            _remove(table("problems"), place["path"])
            return True

    def fail(self, problem: dict[str, Any]) -> None:
        """Remember why a file could not be read."""
        with self._write() as table:
            _upsert(table("problems"), problem)
            _remove(table("places"), problem["path"])

    def gone(self, paths: Iterable[str]) -> None:
        """Forget files. Their videos stay until `compact`: the files may be back, under this name or another."""
        with self._write() as table:
            for path in paths:
                _remove(table("places"), path)
                _remove(table("problems"), path)

    def sweep(self) -> int:
        """Delete rows of videos that were never finished; how many videos that were."""
        with self._write() as table:
            self._mend()
            videos, swept = self._all("videos"), set()
            known = {video["sha256"] for video in videos}
            for name in ("shots", "lines"):
                rows = table(name)
                if rows.count_rows() != sum(video[name] for video in videos):
                    found = set(rows.search().select(["sha256"]).to_arrow()["sha256"].unique().to_pylist())
                    _forget(rows, found - known)
                    swept |= found - known
            return len(swept)

    def compact(self) -> int:
        """Drop videos that lie nowhere, join small files, drop old versions, renew indices; how many videos went."""
        with self._write() as table:
            lying = {row["sha256"] for row in self._all("places")}
            away = {video["sha256"] for video in self._all("videos")} - lying
            for name in ("videos", "shots", "lines"):  # videos first: rows without one do not count
                _forget(table(name), away)
            self._tidy(table)
            return len(away)

    def index(self) -> bool:
        """Join small files and build indices of vectors and words where they pay; whether vectors have one now."""
        with self._write() as table:
            return self._tidy(table)

    def _tidy(self, table: Any) -> bool:
        from whenabouts.library.vectors import build

        taken = sum(file.stat().st_size for file in (self.path / "tables").rglob("*.lance") if file.is_file())
        if shutil.disk_usage(self.path).free < 2 * taken + MARGIN:
            return False  # it is searched without, only slower
        for name in schemas(self.dim):
            table(name).optimize()
            self._read_back(name)
            # Nobody else writes now, so that files without a version are those of the dead.
            table(name).optimize(cleanup_older_than=KEPT, delete_unverified=True)
        return build(table("shots"), table("lines"))

    def _read_back(self, *names: str) -> None:
        for name in names:
            if not _whole(self.table(name)):
                raise OSError("what was written cannot be read back; the disk may be full")

    def _mend(self) -> None:
        """Take tables that cannot be read back to their last whole version."""
        for name in schemas(self.dim):
            table = self.table(name)
            versions = sorted((each["version"] for each in table.list_versions()), reverse=True)
            for number, version in enumerate(versions):
                if number:
                    table.checkout(version)
                if _whole(table):
                    if number:
                        table.restore()
                    break

    def _all(self, name: str) -> list[dict[str, Any]]:
        with self._told("read"):
            rows: list[dict[str, Any]] = self.table(name).to_arrow().to_pylist()
        return [row | {"path": from_name(row["path"])} if "path" in row else row for row in rows]

    @contextmanager
    def _write(self) -> Iterator[Any]:
        touched: set[str] = set()

        def table(name: str) -> Any:
            touched.add(name)
            return self.table(name)

        with self._told("written"), self._writing:
            if shutil.disk_usage(self.path).free < MARGIN:
                raise OSError("the disk is full")
            try:
                yield table
                self._read_back(*touched)
            except Exception:
                with suppress(Exception):  # the next indexing tries again
                    self._mend()
                raise

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Turn what LanceDB, Arrow and the system raise into one sentence."""
        try:
            yield
        except WhenaboutsError:
            raise
        except TimeoutError as error:
            message = f"{self.path} has been written by another process for {PATIENCE / 60:.0f} minutes; try again"
            raise LibraryError(message) from error
        except (OSError, ValueError, RuntimeError, LookupError) as error:
            raise LibraryError(f"{self.path} cannot be {what}: {_first(error)}") from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # LanceDB met bytes that it did not expect
                raise
            raise LibraryError(f"{self.path} cannot be {what}: it is damaged ({_first(error)})") from error


def _whole(table: Any) -> bool:
    """Whether every file of a table can be opened; what a file holds is told at its end, which is lost first."""
    try:
        for _ in table.search().select([table.schema.names[1]]).to_batches():
            pass
    except (OSError, ValueError, RuntimeError):
        return False
    return True


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


def _first(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
