"""`Index`: index the videos of a folder into a library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.errors import InputError
from whenabouts.library import LIBRARY
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.library.run import Engine, IndexReport, OnFile

__all__ = ["Index"]


class Index(Command):
    """How the videos of a folder are indexed."""

    encoder: str | None = Field(
        None, description="Encoder of a new library: builtin (default), or hub:NAME_OR_FOLDER; it keeps that one."
    )
    fps: float = Field(1.0, ge=0.01, le=120, description="Frames sampled per second.")
    written: bool = Field(False, description="Also read text on screen; slow.")
    again: bool = Field(False, description="Retry files that could not be read before.")

    def run(
        self,
        folder: Path,
        library: Path | None = None,
        *,
        engine: Engine | None = None,
        progress: Progress | None = None,
        on_file: OnFile | None = None,
    ) -> IndexReport:
        """Bring a library up to date with a folder; by default it is FOLDER/.whenabouts.

        engine:   where the rows are made; by default in this process, which reports to `progress`
        on_file:  called for every file with its path and what became of it

        Raises InputError, LibraryError, ModelError, MissingExtra.
        """
        return self._indexer(folder, library, engine, progress, on_file)(again=self.again)

    def watch(
        self,
        folder: Path,
        library: Path | None = None,
        *,
        engine: Engine | None = None,
        progress: Progress | None = None,
        on_file: OnFile | None = None,
    ) -> Iterator[IndexReport]:
        """Index, and again whenever the folder changes or may have changed; runs until the generator is closed."""
        index = self._indexer(folder, library, engine, progress, on_file)
        yield index(again=self.again)

        from watchfiles import watch

        root = folder.resolve()

        def visible(_: object, path: str) -> bool:  # the library itself is usually in a hidden folder
            return not any(part.startswith(".") for part in Path(path).relative_to(root).parts)

        # Also once a minute: network drives do not report changes, and some may happen before watching has started.
        changes = watch(
            root,
            watch_filter=visible,
            debounce=2000,
            step=500,
            rust_timeout=60_000,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        for _ in changes:
            yield index()

    def _indexer(
        self,
        folder: Path,
        library: Path | None,
        engine: Engine | None,
        progress: Progress | None,
        on_file: OnFile | None,
    ) -> Callable[..., IndexReport]:
        from whenabouts.library.run import IndexSettings, LocalEngine, index_folder, made_with, open_library
        from whenabouts.video.source import shown

        if not folder.is_dir():
            raise InputError(f"{shown(folder)} is not a directory")
        place = library or folder / LIBRARY
        words: tuple[str, ...] = ("said", "written") if self.written else ("said",)
        settings = IndexSettings(self.encoder or made_with(place), self.fps, words)
        opened = open_library(place, settings)
        return partial(index_folder, opened, folder, settings, engine or LocalEngine(progress), on_file=on_file)
