"""`Marked`: the moments of one query in a file of another program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from whenabouts.errors import AnnotationError
from whenabouts.files.records import Row as FileRow
from whenabouts.moment import Moment
from whenabouts.prediction import ABSENT

__all__ = ["Marked", "Row", "Standing", "as_called", "gathered", "moment_at", "standing"]

UNLIKELY = 0.0  # the presence of a query that is called unlikely without such a number


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
    """The fields `presence`, `annotator` and `status` of a row, all optional. Raises AnnotationError."""
    presence = row.number("presence") if row.get("presence") not in (None, "") else None
    if presence is not None and not 0 <= presence <= 1:
        row.refuse("presence", "must be a probability in [0, 1]")
    annotator = row.text("annotator") if row.get("annotator") not in (None, "") else None
    return as_called(row.get("status"), presence, annotator)


def as_called(status: object, presence: float | None, annotator: str | None = None) -> Standing:
    """The standing of moments with a status that a person may have changed since: it counts where numbers contradict.

    >>> as_called("unlikely", 0.9), as_called("likely", 0.9), as_called("likely", 0.1), as_called("confirmed", None)
    ((0.0, None), (0.9, None), (None, None), (None, ''))
    """
    if status == "unlikely":
        return presence if presence is not None and presence < ABSENT else UNLIKELY, None
    if status == "likely":
        return None if presence is not None and presence < ABSENT else presence, None
    return presence, "" if status == "confirmed" and annotator is None else annotator
