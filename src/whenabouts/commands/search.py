"""`Search`: which moments of a library answer a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from whenabouts.commands.command import Command, Query
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.encoders import Encoder
    from whenabouts.library.search import Filters, Hit

__all__ = ["Search"]


@lru_cache(maxsize=1)
def _encoder(name: str) -> Encoder:
    """Kept for the next search."""
    from whenabouts.encoders import load_encoder

    return load_encoder(name)


class Search(Command):
    """The moments of all videos of a library that answer a query."""

    query: Query
    top: int = Field(10, ge=1, le=1000, description="At most this many moments.")
    path: str | None = Field(None, description="Only files whose path matches a pattern, such as */2024/*.")
    since: str | None = Field(None, description="Only files from this date on.", examples=["2024-12-31"])
    until: str | None = Field(None, description="Only files up to this date.", examples=["2024-12-31"])
    min_duration: float | None = Field(None, ge=0, description="Shortest video, in seconds.")
    max_duration: float | None = Field(None, ge=0, description="Longest video, in seconds.")
    language: str | None = Field(None, description="Language of the sound, as the file says.")
    refine: bool = Field(False, description="Look at each moment again for its exact ends.")

    def run(
        self, library: Path, *, folders: Sequence[Path] | None = None, progress: Progress | None = None
    ) -> list[Hit]:
        """The best moments, best first; `folders` leaves out what is not below one of them.

        Raises QueryError, LibraryError, ModelError, MissingExtra.
        """
        from whenabouts.library.run import existing_library, made_with
        from whenabouts.library.search import search

        encoder = _encoder(made_with(library))
        opened = existing_library(library, encoder)
        hits = []
        chosen = [self._filters(folder) for folder in folders] if folders is not None else [self._filters(None)]
        for number, filters in enumerate(chosen):
            if progress:
                progress("searching", number / len(chosen))
            hits += search(opened, encoder, self.query, top=self.top, filters=filters, refine=self.refine)
        return sorted(hits, key=lambda hit: (-hit.moment.score, hit.path, hit.moment.start))[: self.top]

    def _filters(self, folder: Path | None) -> Filters:
        from whenabouts.library.search import Filters

        path = self.path
        if folder is not None:
            pattern = path or "*"
            path = escape(str(folder)) + (pattern if pattern.startswith(("*", "/")) else f"/{pattern}")
        return Filters(path, self.since, self.until, self.min_duration, self.max_duration, self.language)
