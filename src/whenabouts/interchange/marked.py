"""`Marked`: moments of one query as another program's file holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from whenabouts.errors import AnnotationError
from whenabouts.moment import Moment

__all__ = ["Marked", "gathered", "moment_at"]


@dataclass(frozen=True, slots=True)
class Marked:
    """The moments of one query in one video, in the order of the file.

    `video` is its name, path or identifier there, None where the format holds none.
    """

    query: str
    moments: tuple[Moment, ...]
    video: str | None = None


def gathered(rows: Iterable[tuple[str | None, str, Moment]]) -> list[Marked]:
    """(video, query, moment) rows, gathered by video and query in order of first appearance."""
    groups: dict[tuple[str | None, str], list[Moment]] = {}
    for video, query, moment in rows:
        groups.setdefault((video, query), []).append(moment)
    return [Marked(query, tuple(moments), video) for (video, query), moments in groups.items()]


def moment_at(where: str, start: float, end: float, score: float = 1.0) -> Moment:
    """A moment read at `where`, a place in a file. Raises AnnotationError naming it."""
    try:
        return Moment(start, end, score)
    except ValueError as error:
        raise AnnotationError(f"{where}: {error}") from None
