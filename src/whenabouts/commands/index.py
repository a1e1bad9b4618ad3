"""`Index`: take the videos of a folder into a library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.errors import InputError
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.library.run import Engine, Outcome

__all__ = ["LIBRARY", "Index"]

LIBRARY = ".whenabouts"  # the folder of a library inside the folder of its videos
OnFile = Callable[[str, str], None]  # called for every file with its path and what became of it


class Index(Command):
    """How the videos of a folder are taken into a library."""

    encoder: str | None = Field(
        None, description="Encoder of a new library: builtin (default), or hub:NAME_OR_FOLDER; it keeps that one."
    )
    fps: float = Field(1.0, ge=0.01, le=120, description="Frames per second that are looked at.")
    written: bool = Field(False, description="Read text on screen too; slow.")
    again: bool = Field(False, description="Try files again that failed before.")

    def run(
        self,
        folder: Path,
        library: Path | None = None,
        *,
        engine: Engine | None = None,
        progress: Progress | None = None,
        on_file: OnFile | None = None,
    ) -> Outcome:
        """Bring a library up to date with a folder; without `library` it is FOLDER/.whenabouts.

        engine: what makes the rows, in place of this process, which tells its `progress`

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
    ) -> Iterator[Outcome]:
        """Index, and again whenever something in the folder changes, or may have; ends only when it is closed."""
        index = self._indexer(folder, library, engine, progress, on_file)
        yield index(again=self.again)

        from watchfiles import watch

        root = folder.resolve()

        def visible(_: object, path: str) -> bool:  # the library itself may be in a hidden folder below
            return not any(part.startswith(".") for part in Path(path).relative_to(root).parts)

        # Every minute without news is a look too: network drives send none, and some may come before we listen.
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
    ) -> Callable[..., Outcome]:
        from whenabouts.library.run import Local, Settings, index_folder, made_with, open_library
        from whenabouts.video.source import shown

        if not folder.is_dir():
            raise InputError(f"{shown(folder)} is not a directory")
        place = library or folder / LIBRARY
        words: tuple[str, ...] = ("said", "written") if self.written else ("said",)
        settings = Settings(self.encoder or made_with(place), self.fps, words)
        opened = open_library(place, settings)
        return partial(index_folder, opened, folder, settings, engine or Local(progress), told=on_file)
