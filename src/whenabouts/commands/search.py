"""`Search`: which moments of a library answer a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from whenabouts.commands.command import Query
from whenabouts.commands.liking import Liking
from whenabouts.errors import InputError, QueryError
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.encoders import Encoder
    from whenabouts.library.filters import Filters
    from whenabouts.library.hits import Hits

__all__ = ["Search"]


@lru_cache(maxsize=1)
def _encoder(name: str) -> Encoder:
    """Kept for the next search."""
    from whenabouts.encoders import load_encoder

    return load_encoder(name)


class Search(Liking):
    """The moments of all videos of a library that answer a query."""

    query: Query | None = Field(None, description="What to look for, in a few words; with an example, none is needed.")
    top: int = Field(10, ge=1, le=1000, description="At most this many moments.")
    path: str | None = Field(None, description="Only files whose path matches a pattern, such as */2024/*.")
    since: str | None = Field(None, description="Only files from this date on.", examples=["2024-12-31"])
    until: str | None = Field(None, description="Only files up to this date.", examples=["2024-12-31"])
    min_duration: float | None = Field(None, ge=0, description="Shortest video, in seconds.")
    max_duration: float | None = Field(None, ge=0, description="Longest video, in seconds.")
    language: str | None = Field(None, description="Language of the sound, as the file says.")
    refine: bool = Field(False, description="Look at each moment again for its exact ends.")

    def run(self, *libraries: Path, folders: Sequence[Path] | None = None, progress: Progress | None = None) -> Hits:
        """The best moments of all these libraries, best first.

        folders: leaves out what is not below one of them, after following links, with all of its subtitle files

        Libraries that were made with the same encoder compare, as the shards of an archive. Raises QueryError,
        LibraryError, VideoError, ModelError, MissingExtra, and InputError where there is no library, or they are of two
        encoders.
        """
        from whenabouts.encoders.example import encode_example
        from whenabouts.library.hits import merged
        from whenabouts.library.run import existing_library, made_with
        from whenabouts.library.search import search, searched

        if self.refine and self.like is not None:
            raise QueryError("refine cannot be used with an example; ask `find` about the video that was found")
        encoders = {made_with(library): library for library in libraries}
        if len(encoders) != 1:
            raise InputError(_unlike(encoders))
        encoder = _encoder(*encoders)
        filters = self._filters(folders)
        opened = [existing_library(library, encoder) for library in dict.fromkeys(libraries)]
        like = None if (example := self.example) is None else encode_example(example, encoder)
        videos = sum(searched(library, filters) for library in opened)
        answers = []
        for number, library in enumerate(opened):
            if progress:
                progress("searching", number / len(opened))
            search_here = partial(search, library, encoder, self.query, like=like, top=self.top, filters=filters)
            answers.append(search_here(refine=self.refine, videos=videos))
        return merged(answers, self.top)

    @property
    def _words(self) -> str | None:
        return self.query

    def _filters(self, folders: Sequence[Path] | None) -> Filters:
        from whenabouts.library.filters import Filters

        within = None if folders is None else tuple(folders)
        dates = self.since, self.until
        return Filters(self.path, within, *dates, self.min_duration, self.max_duration, self.language)


def _unlike(encoders: Mapping[str, Path]) -> str:
    """Why libraries cannot be searched together: there are none, or two have different encoders."""
    if not encoders:
        return "no library to search; name at least one"
    (one, first), (other, second), *_ = encoders.items()
    return f"{first} was made with the encoder {one} and {second} with {other}: their scores do not compare"
