"""Index a folder: what is new, film by film; interrupted or killed, the same command goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from whenabouts.encoders import load_encoder
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.evidence import TextKind
from whenabouts.library.indexing import Rows, rows_of
from whenabouts.library.scan import File, sha256_of, unknown
from whenabouts.library.store import Library

__all__ = ["Engine", "Local", "Outcome", "Settings", "index_folder", "open_library"]

Watch = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """What shapes rows: the encoder by name, frames per second, and kinds of words."""

    encoder: str = "builtin"
    fps: float = 1.0
    words: tuple[TextKind, ...] = ("said",)


@dataclass(slots=True)
class Outcome:
    """What became of the files of a folder."""

    indexed: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)  # copies and moved files: content that was there
    failed: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)  # being indexed by another process


class Engine(Protocol):
    """Makes rows of many films, in any order."""

    def rows(self, paths: Sequence[Path], settings: Settings) -> Iterable[tuple[Path, Rows | str]]:
        """Each path with its rows, or with what was wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Local:
    """In this process, one film after another; decoding and encoding overlap."""

    progress: Watch | None = None

    def rows(self, paths: Sequence[Path], settings: Settings) -> Iterator[tuple[Path, Rows | str]]:
        """As `Engine`."""
        encoder = load_encoder(settings.encoder)
        for number, path in enumerate(paths):
            told = partial(self._tell, number, len(paths))
            try:
                yield path, rows_of(path, encoder, fps=settings.fps, words=settings.words, progress=told)
            except WhenaboutsError as error:
                yield path, str(error)

    def _tell(self, number: int, count: int, part: float) -> None:
        if self.progress:
            self.progress("indexing", (number + part) / count)


def open_library(path: Path, settings: Settings | None = None) -> Library:
    """The library at a path, made if there is none. Raises LibraryError, MissingExtra."""
    encoder = load_encoder((settings or Settings()).encoder)
    return Library(path, encoder=f"{encoder.name} {encoder.sha256}", dim=encoder.dim)


def index_folder(
    library: Library,
    folder: Path,
    settings: Settings | None = None,
    engine: Engine | None = None,
    *,
    again: bool = False,
) -> Outcome:
    """Bring the library up to date with a folder. Raises InputError, LibraryError.

    A film is known by its content: copies share its rows, and a moved file is only noted. A file that cannot be read is
    kept among the problems and not tried again until it changes, or `again` is asked for.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder of films")
    settings, outcome = settings or Settings(), Outcome()
    library.sweep()
    new, outcome.gone = unknown(library, folder, again=again)
    films = set(library.films())
    waiting: dict[Path, tuple[str, File]] = {}
    with ExitStack() as claims:
        for file in new:
            try:
                sha256 = sha256_of(file.path)
            except OSError as error:
                _failed(library, outcome, file, f"{file.path} cannot be read: {error.strerror}")
                continue
            if sha256 in films:
                library.put(file.row(sha256=sha256))
                outcome.known.append(str(file.path))
            elif any(sha256 == known for known, _ in waiting.values()) or claims.enter_context(library.claim(sha256)):
                waiting[file.path] = sha256, file
            else:
                outcome.elsewhere.append(str(file.path))
        first = {sha256: path for path, (sha256, _) in reversed(waiting.items())}
        for path, rows in (engine or Local()).rows(list(first.values()), settings):
            sha256 = waiting[path][0]
            copies = [file for known, file in waiting.values() if known == sha256]
            for file in copies:
                if isinstance(rows, str):
                    _failed(library, outcome, file, rows)
            if isinstance(rows, str):
                continue
            if rows.sha256 != sha256:
                _failed(library, outcome, waiting[path][1], f"{path} changed while it was read; index it again")
                continue
            library.add(sha256, rows.shots, rows.lines, duration=rows.duration, language=rows.language)
            for file in copies:
                library.put(file.row(sha256=sha256))
                (outcome.indexed if file.path == path else outcome.known).append(str(file.path))
    if outcome.gone:
        library.gone(outcome.gone)
    if outcome.indexed:
        library.index()
    return outcome


def _failed(library: Library, outcome: Outcome, file: File, reason: str) -> None:
    library.fail(file.row(reason=reason))
    outcome.failed[str(file.path)] = reason
