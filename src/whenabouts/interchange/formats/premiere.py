"""The list of markers that Premiere Pro exports as CSV, which panels that import markers read.

Whatever the suffix says, the fields have tabs between, and the text is UTF-16. Drop-frame timecode has semicolons only.
The programs of other languages have the same columns in the same order under other names, so their order counts.
Spreadsheets open it too: a name that they would take for a formula has an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import AnnotationError, InputError
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered
from whenabouts.interchange.remark import remark, remark_in
from whenabouts.interchange.text import cell, from_cell, one_line
from whenabouts.interchange.timecode import is_drop
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write"]

COLUMNS = ("Marker Name", "Description", "In", "Out", "Duration", "Marker Type")
TYPE = "Comment"


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """A header and a line per moment in order of time; times count from the video's timecode, or 01:00:00:00."""
    rate = timeline.rate

    def name(frame: int) -> str:
        return rate.name(frame).replace(":", ";") if rate.drop else rate.name(frame)

    rows = []
    for each in predictions:
        for rank, moment in enumerate(each.moments, 1):
            first, end = timeline.span(moment)
            ends = [name(timeline.head + frame) for frame in (first, end)]
            rows.append((first, [cell(one_line(each.query)), remark(each, rank), *ends, name(end - first), TYPE]))
    out = io.StringIO()
    table = csv.writer(out, delimiter="\t", lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(row for _, row in sorted(rows, key=lambda placed: placed[0]))
    return out.getvalue()


def read(path: Path, timeline: Timeline | None = None) -> list[Marked]:
    """The markers, by their names, or by their descriptions where they have none.

    Frame rate and first timecode are those of `timeline`, which without timecode begins at 01:00:00:00. A marker
    without length has one frame. Raises AnnotationError.
    """
    assert timeline is not None  # `FORMAT` requires it
    try:
        table = list(csv.reader(io.StringIO(read_text(path), newline=None), delimiter="\t"))
    except csv.Error as error:
        raise AnnotationError(f"{path}: {error}") from None
    rows = []
    for number, fields in enumerate(table[1:], 2):
        if not any(fields):
            continue
        where = f"{path}, line {number}"
        if len(fields) < len(COLUMNS) - 1:
            raise AnnotationError(f"{where}: a marker has {', '.join(COLUMNS)} with tabs between")
        name, description, begin, _, length, *_ = fields
        timeline = timeline.counted(drop=is_drop(begin.strip()))
        try:
            first, frames = (
                (timeline.rate.parse(begin) - timeline.head) % timeline.rate.day,
                timeline.rate.parse(length),
            )
        except InputError as error:
            raise AnnotationError(f"{where}: {error}") from None
        if first >= timeline.frames:
            raise AnnotationError(f"{where}: the marker is outside the video, which has {timeline.frames} frames")
        told, query = remark_in(description), from_cell(name.strip()) or description.strip()
        rows.append((None, query, timeline.moment(first, first + max(1, frames), told.score), told.standing))
    return gathered(rows)


FORMAT = Format(
    ".premiere.csv",
    "Premiere Pro: markers as its own export lists them",
    "timecode",
    write,
    read,
    timeline=True,
    needs="frames",
    encoding="utf-16",
    group="editing",
)
