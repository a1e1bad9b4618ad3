"""Rows that say they are about another video or query than their qid: qids of two splits may be the same numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from whenabouts.benchmarks.example import Example
from whenabouts.files.records import Row
from whenabouts.query.text import letters
from whenabouts.video.suffixes import is_video

__all__ = ["differs", "stem", "unlike", "warn_of_unlike"]

KEPT = 1 << 16  # names whose stem is remembered: the same split is read several times


def differs(row: Row, example: Example) -> bool:
    """Whether the row's `vid` or `query` is not the example's; case, signs, spaces and suffixes do not count."""
    video, query = row.get("vid"), row.get("query")
    another = isinstance(video, str) and video and stem(video) != stem(example.video)
    return bool(another) or (isinstance(query, str) and letters(query) != letters(example.query))


def unlike(rows: Iterable[Row], examples: Iterable[Example]) -> list[str]:
    """The places of rows that differ from the example of their qid."""
    known = {str(e.qid): e for e in examples}
    return [row.where for row in rows if (e := known.get(str(row.get("qid")))) and differs(row, e)]


def warn_of_unlike(places: Sequence[str]) -> None:
    """Say how many rows differ, if any do."""
    if places:
        told = f"{len(places)} rows have another vid or query than the annotations at their qid, such as {places[0]}"
        warnings.warn(told, stacklevel=3)


@lru_cache(maxsize=KEPT)
def stem(video: str) -> str:
    """The name of a video without its folder and suffix."""
    name = video.rpartition("/")[2]
    return PurePosixPath(name).stem if is_video(Path(name)) else name
