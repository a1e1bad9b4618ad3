"""Index a folder: what is new, video by video; interrupted or killed, the same command goes on.

A video is hashed and claimed only when its turn comes, so that the first is searchable at once and several processes,
on one folder at the same time, share the videos among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from whenabouts.encoders import Encoder, load_encoder
from whenabouts.errors import InputError, LibraryError, VideoError
from whenabouts.library.indexing import Rows, rows_of
from whenabouts.library.scan import File, sha256_of, unknown
from whenabouts.library.store import ENCODER, Library
from whenabouts.video.source import shown

__all__ = ["Engine", "Local", "Outcome", "Settings", "existing_library", "index_folder", "made_with", "open_library"]

Watch = Callable[[str, float], None]
Told = Callable[[str, str], None]
TIDY = 200  # videos after which small files are joined


@dataclass(frozen=True, slots=True)
class Settings:
    """What shapes rows: the encoder by name, frames per second, and kinds of words."""

    encoder: str = "builtin"
    fps: float = 1.0
    words: tuple[str, ...] = ("said",)


@dataclass(slots=True)
class Outcome:
    """What became of the files of a folder."""

    indexed: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)  # copies and moved files: content that was there
    failed: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)  # being indexed by another process


class Engine(Protocol):
    """Makes rows of many videos, in any order."""

    def rows(self, paths: Iterable[Path], settings: Settings) -> Iterable[tuple[Path, Rows | str]]:
        """Each path with its rows, or with what was wrong; the next path is taken when there is room for it."""
        ...


@dataclass(frozen=True, slots=True)
class Local:
    """In this process, one video after another; decoding and encoding overlap."""

    progress: Watch | None = None

    def rows(self, paths: Iterable[Path], settings: Settings) -> Iterator[tuple[Path, Rows | str]]:
        """As `Engine`."""
        encoder = load_encoder(settings.encoder)
        for path in paths:
            told = partial(self.progress, shown(Path(path.name))) if self.progress else None
            try:
                rows: Rows | str = rows_of(path, encoder, fps=settings.fps, words=settings.words, progress=told)
            except VideoError as error:
                rows = str(error)
            yield path, rows


def open_library(path: Path, settings: Settings | None = None) -> Library:
    """The library at a path, made if there is none; without settings, with the encoder that it was made with.

    Raises LibraryError, ModelError, MissingExtra.
    """
    encoder = load_encoder(settings.encoder if settings else made_with(path))
    return Library(path, encoder=f"{encoder.name} {encoder.sha256}", dim=encoder.dim)


def existing_library(path: Path, encoder: Encoder | None = None) -> Library:
    """The library at a path, which must be there. Raises LibraryError, ModelError, MissingExtra.

    encoder: the one that it was made with, where that is loaded already
    """
    if not (path / ENCODER).is_file():
        raise LibraryError(f"{shown(path)} is not a library; make one with `whenabouts index DIR`")
    encoder = encoder or load_encoder(made_with(path))
    return Library(path, encoder=f"{encoder.name} {encoder.sha256}", dim=encoder.dim)


def made_with(path: Path) -> str:
    """The name of the encoder of a library; the default's where there is no library yet."""
    try:
        return (path / ENCODER).read_text("utf-8", "replace").rpartition(" ")[0] or Settings().encoder
    except OSError:
        return Settings().encoder


def index_folder(
    library: Library,
    folder: Path,
    settings: Settings | None = None,
    engine: Engine | None = None,
    *,
    again: bool = False,
    told: Told | None = None,
) -> Outcome:
    """Bring the library up to date with a folder. Raises InputError, LibraryError.

    A video is known by its content: copies share its rows, and a moved file is only noted. A file that cannot be read
    is kept among the problems and not tried again until it changes, or `again` is asked for. `told` is called for every
    file with its path and what became of it.
    """
    if not folder.is_dir():
        raise InputError(f"{shown(folder)} is not a directory")
    settings, engine = settings or Settings(), engine or Local()
    library.sweep()
    new, gone = unknown(library, folder, again=again)
    run = _Run(library, told or (lambda path, what: None))
    with run.claims:
        run.carry_out(engine, new, settings)
        run.carry_out(engine, run.left(), settings)  # another process may be done with them by now, or dead
    run.outcome.elsewhere = [str(file.path) for file in run.left()]
    run.outcome.gone = gone
    library.gone(gone)
    library.index()
    return run.outcome


@dataclass(slots=True)
class _Job:
    """A video under way: its claim, and the files that hold it."""

    sha256: str
    files: list[File]
    claim: ExitStack


class _Run:
    """One pass over a folder."""

    def __init__(self, library: Library, told: Told) -> None:
        self.outcome = Outcome()
        self.claims = ExitStack()
        self._library, self._told = library, told
        self._jobs: dict[Path, _Job] = {}
        self._failed: dict[str, str] = {}
        self._later: list[File] = []

    def left(self) -> list[File]:
        """Files that could not be had, which are then forgotten here."""
        left, self._later = self._later, []
        return left

    def carry_out(self, engine: Engine, files: Iterable[File], settings: Settings) -> None:
        """Index files that are not known yet."""
        for path, rows in engine.rows(self._waiting(files), settings):
            job = self._jobs.pop(path)
            with job.claim:
                self._take(job, rows)
            if len(self.outcome.indexed) % TIDY == TIDY - 1:
                self._library.index()

    def _waiting(self, files: Iterable[File]) -> Iterator[Path]:
        """Paths of videos that are now claimed by us and are to be looked at."""
        for file in files:
            try:
                sha256 = sha256_of(file.path)
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
                    self._later.append(file)
                elif self._put(file, sha256):  # by the process that had claimed it until now
                    claim.close()
                else:
                    self._jobs[file.path] = _Job(sha256, [file], claim)
                    yield file.path

    def _take(self, job: _Job, rows: Rows | str) -> None:
        first, *copies = job.files
        if File.at(first.path) != first:
            self._later += copies
            if first.path.exists():
                self._fail(first, f"{shown(first.path)} changed while it was read; index it again")
        elif isinstance(rows, str):
            self._failed[job.sha256] = rows
            for file in job.files:
                self._fail(file, rows)
        else:
            self._library.add(job.sha256, rows.shots, rows.lines, duration=rows.duration, language=rows.language)
            self._put(first, job.sha256, new=True)
            for file in copies:
                self._put(file, job.sha256)

    def _put(self, file: File, sha256: str, *, new: bool = False) -> bool:
        there = self._library.put(file.row(sha256=sha256))
        if there:
            (self.outcome.indexed if new else self.outcome.known).append(str(file.path))
            self._told(str(file.path), "indexed" if new else "known by its content")
        return there

    def _fail(self, file: File, reason: str) -> None:
        self._library.fail(file.row(reason=reason))
        self.outcome.failed[str(file.path)] = reason
        self._told(str(file.path), f"failed: {reason}")
