"""Index the new videos of a folder, one after another; an interrupted or killed run can be resumed by running it again.

A video is hashed and claimed only when its turn comes, so that the first one is searchable at once and several
processes can share the videos of one folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from whenabouts.encoders import Encoder, load_encoder
from whenabouts.errors import InputError, LibraryError, VideoError
from whenabouts.files.content import content_sha256
from whenabouts.library.indexing import Rows, rows_of
from whenabouts.library.scan import File, changes
from whenabouts.library.store import ENCODER, Library
from whenabouts.progress import Progress, stage
from whenabouts.video.source import shown

__all__ = [
    "Engine",
    "IndexReport",
    "IndexSettings",
    "LocalEngine",
    "OnFile",
    "existing_library",
    "index_folder",
    "made_with",
    "open_library",
]

OnFile = Callable[[str, str], None]  # called for every file with its path and what became of it
COMPACT_EVERY = 200  # videos


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """How rows are made: the name of the encoder, frames per second, and the kinds of text that are read."""

    encoder: str = "builtin"
    fps: float = 1.0
    words: tuple[str, ...] = ("said",)


@dataclass(slots=True)
class IndexReport:
    """What became of the files of a folder."""

    indexed: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)  # copies and moved files, whose content was indexed before
    failed: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, tuple[str, ...]] = field(default_factory=dict)  # indexed, but not all of it could be read
    gone: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)  # being indexed by another process


class Engine(Protocol):
    """Makes the rows of many videos, in any order."""

    def rows(self, paths: Iterable[Path], settings: IndexSettings) -> Iterable[tuple[Path, Rows | str]]:
        """Each path with its rows, or with the reason why it could not be read.

        `paths` is consumed lazily: the next path is taken when a worker is free.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """An `Engine` in this process, one video after another; decoding and encoding overlap."""

    progress: Progress | None = None

    def rows(self, paths: Iterable[Path], settings: IndexSettings) -> Iterator[tuple[Path, Rows | str]]:
        """Like `Engine.rows`."""
        encoder = load_encoder(settings.encoder)
        for path in paths:
            done = stage(self.progress, shown(Path(path.name)))
            try:
                rows: Rows | str = rows_of(path, encoder, fps=settings.fps, words=settings.words, progress=done)
            except VideoError as error:
                rows = str(error)
            yield path, rows


def open_library(path: Path, settings: IndexSettings | None = None) -> Library:
    """The library at a path, created if it does not exist.

    settings: for a new library; by default the encoder is the one that the library was made with

    Raises LibraryError, ModelError, MissingExtra.
    """
    encoder = load_encoder(settings.encoder if settings else made_with(path))
    return Library(path, encoder=f"{encoder.name} {encoder.sha256}", dim=encoder.dim)


def existing_library(path: Path, encoder: Encoder | None = None) -> Library:
    """The library at a path, which must exist. Raises LibraryError, ModelError, MissingExtra.

    encoder: the one that the library was made with, if it is already loaded
    """
    if not (path / ENCODER).is_file():
        raise LibraryError(f"{shown(path)} is not a library; make one with `whenabouts index DIR`")
    encoder = encoder or load_encoder(made_with(path))
    return Library(path, encoder=f"{encoder.name} {encoder.sha256}", dim=encoder.dim)


def made_with(path: Path) -> str:
    """The name of the encoder of a library; that of the default encoder if the library does not exist yet."""
    try:
        return (path / ENCODER).read_text("utf-8", "replace").rpartition(" ")[0] or IndexSettings().encoder
    except OSError:
        return IndexSettings().encoder


def index_folder(
    library: Library,
    folder: Path,
    settings: IndexSettings | None = None,
    engine: Engine | None = None,
    *,
    again: bool = False,
    on_file: OnFile | None = None,
) -> IndexReport:
    """Bring the library up to date with a folder. Raises InputError, LibraryError.

    Videos are identified by their content: copies share one set of rows, and of a moved file only the path is updated.
    A file that cannot be read is recorded with the reason, and tried again when it changes or `again` is set.
    `on_file` is called for every file with its path and what became of it.
    """
    if not folder.is_dir():
        raise InputError(f"{shown(folder)} is not a directory")
    settings, engine = settings or IndexSettings(), engine or LocalEngine()
    library.sweep()
    new, gone = changes(library, folder, again=again)
    run = _IndexRun(library, on_file or (lambda path, what: None))
    with run.claims:
        run.index(engine, new, settings)
        run.index(engine, run.pop_postponed(), settings)  # the other process may have finished or died by now
    run.report.elsewhere = [str(file.path) for file in run.pop_postponed()]
    run.report.gone = gone
    library.gone(gone)
    library.index()
    return run.report


@dataclass(slots=True)
class _Job:
    """A video that is being indexed: its claim, and the files with its content."""

    sha256: str
    files: list[File]
    claim: ExitStack


class _IndexRun:
    """One pass over a folder."""

    def __init__(self, library: Library, on_file: OnFile) -> None:
        self.report = IndexReport()
        self.claims = ExitStack()
        self._library, self._on_file = library, on_file
        self._jobs: dict[Path, _Job] = {}
        self._failed: dict[str, str] = {}
        self._postponed: list[File] = []

    def pop_postponed(self) -> list[File]:
        """Files that another process was indexing; the list is empty afterwards."""
        postponed, self._postponed = self._postponed, []
        return postponed

    def index(self, engine: Engine, files: Iterable[File], settings: IndexSettings) -> None:
        """Index files whose content is not known yet."""
        for path, rows in engine.rows(self._claimed(files), settings):
            job = self._jobs.pop(path)
            with job.claim:
                self._finish(job, rows)
            if len(self.report.indexed) % COMPACT_EVERY == COMPACT_EVERY - 1:
                self._library.index()

    def _claimed(self, files: Iterable[File]) -> Iterator[Path]:
        """Paths of the videos that this process has claimed and must index."""
        for file in files:
            try:
                sha256 = content_sha256(file.path)
            except FileNotFoundError:
                continue
            except OSError as error:
                reason = (error.strerror or "unknown reason").lower()
                self._fail(file, f"{shown(file.path)} cannot be read: {reason}")
                continue
            if sha256 in self._failed:
                self._fail(file, self._failed[sha256])
            elif job := next((job for job in self._jobs.values() if job.sha256 == sha256), None):
                job.files.append(file)
            elif not self._put(file, sha256):
                claim = self.claims.enter_context(ExitStack())
                if not claim.enter_context(self._library.claim(sha256)):
                    self._postponed.append(file)
                elif self._put(file, sha256):  # the process that held the claim has just indexed it
                    claim.close()
                else:
                    self._jobs[file.path] = _Job(sha256, [file], claim)
                    yield file.path

    def _finish(self, job: _Job, rows: Rows | str) -> None:
        first, *copies = job.files
        if File.at(first.path) != first:
            self._postponed += copies
            if first.path.exists():
                self._fail(first, f"{shown(first.path)} changed while it was read; index it again")
        elif isinstance(rows, str):
            self._failed[job.sha256] = rows
            for file in job.files:
                self._fail(file, rows)
        else:
            self._library.add(
                job.sha256, rows.shots, rows.lines, duration=rows.duration, language=rows.language, notes=rows.notes
            )
            self._put(first, job.sha256, new=True)
            if rows.notes:
                self.report.damaged[str(first.path)] = rows.notes
            for file in copies:
                self._put(file, job.sha256)

    def _put(self, file: File, sha256: str, *, new: bool = False) -> bool:
        """Record the path of a video; False if its content is not in the library."""
        known = self._library.put(file.row(sha256=sha256))
        if known:
            (self.report.indexed if new else self.report.known).append(str(file.path))
            self._on_file(str(file.path), "indexed" if new else "known by its content")
        return known

    def _fail(self, file: File, reason: str) -> None:
        self._library.fail(file.row(reason=reason))
        self.report.failed[str(file.path)] = reason
        self._on_file(str(file.path), f"failed: {reason}")
