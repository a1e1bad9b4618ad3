"""The list of markers that Premiere Pro exports as CSV, which panels that import markers read.

Whatever the suffix says, the fields have tabs between, and the text is UTF-16. Drop-frame timecode has semicolons only.
Spreadsheets open it too: a name that they would take for a formula has an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.remark import remark
from whenabouts.interchange.text import cell, one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "write"]

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


FORMAT = Format(
    ".premiere.csv",
    "Premiere Pro: markers as its own export lists them",
    "timecode",
    write,
    needs="frames",
    encoding="utf-16",
    group="editing",
)
