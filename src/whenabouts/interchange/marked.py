"""`Marked`: the moments of one query in a file of another program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from whenabouts.errors import AnnotationError
from whenabouts.files.records import Row as FileRow
from whenabouts.moment import Moment

__all__ = ["Marked", "Row", "Standing", "gathered", "moment_at", "standing"]


@dataclass(frozen=True, slots=True)
class Marked:
    """The moments of one query in one video, in the order of the file.

    video: its name, path or identifier in the file; None if the format has none
    presence, annotator: as in `Prediction`; None where the file does not tell
    """

    query: str
    moments: tuple[Moment, ...]
    video: str | None = None
    presence: float | None = None
    annotator: str | None = None


Standing = tuple[float | None, str | None]  # presence and annotator
Row = tuple[str | None, str, Moment] | tuple[str | None, str, Moment, Standing]


def gathered(rows: Iterable[Row]) -> list[Marked]:
    """Rows of video, query, moment and perhaps standing, grouped by all but the moment, in order of appearance."""
    groups: dict[tuple[str | None, str, Standing], list[Moment]] = {}
    for row in rows:
        standing = row[3] if len(row) == 4 else (None, None)
        groups.setdefault((row[0], row[1], standing), []).append(row[2])
    return [Marked(query, tuple(moments), video, *standing) for (video, query, standing), moments in groups.items()]


def moment_at(where: str, start: float, end: float, score: float = 1.0) -> Moment:
    """A moment that was read from a file. Raises AnnotationError with `where`, its position in the file."""
    try:
        return Moment(start, end, score)
    except ValueError as error:
        raise AnnotationError(f"{where}: {error}") from None


def standing(row: FileRow) -> Standing:
    """The fields `presence` and `annotator` of a row, both optional. Raises AnnotationError."""
    presence = row.number("presence") if row.get("presence") not in (None, "") else None
    if presence is not None and not 0 <= presence <= 1:
        row.refuse("presence", "must be a probability in [0, 1]")
    named = row.get("annotator") not in (None, "")
    confirmed = named or row.get("status") == "confirmed"
    return presence, row.text("annotator") if named else "" if confirmed else None
