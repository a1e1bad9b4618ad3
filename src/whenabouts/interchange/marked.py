"""`Marked`: the moments of one query in a file of another program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from whenabouts.errors import AnnotationError
from whenabouts.moment import Moment

__all__ = ["Marked", "gathered", "moment_at"]


@dataclass(frozen=True, slots=True)
class Marked:
    """The moments of one query in one video, in the order of the file.

    video: its name, path or identifier in the file; None if the format has none
    """

    query: str
    moments: tuple[Moment, ...]
    video: str | None = None


def gathered(rows: Iterable[tuple[str | None, str, Moment]]) -> list[Marked]:
    """(video, query, moment) rows, grouped by video and query in order of first appearance."""
    groups: dict[tuple[str | None, str], list[Moment]] = {}
    for video, query, moment in rows:
        groups.setdefault((video, query), []).append(moment)
    return [Marked(query, tuple(moments), video) for (video, query), moments in groups.items()]


def moment_at(where: str, start: float, end: float, score: float = 1.0) -> Moment:
    """A moment that was read from a file. Raises AnnotationError with `where`, its position in the file."""
    try:
        return Moment(start, end, score)
    except ValueError as error:
        raise AnnotationError(f"{where}: {error}") from None
