"""CSV, one row per moment: video, query, rank, start and end in seconds, score, both ends as timecode, and status.

It begins with a byte order mark, without which Excel takes it for a file of an older encoding.

A query that a spreadsheet would interpret as a formula is written with an apostrophe in front, which `read` removes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from whenabouts.files.records import read_csv
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at, standing
from whenabouts.interchange.text import cell, from_cell
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write"]

COLUMNS = (
    "video",
    "query",
    "rank",
    "start",
    "end",
    "score",
    "start_timecode",
    "end_timecode",
    "status",
    "presence",
    "annotator",
)


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """A header and one row per moment, by query and rank."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for prediction in predictions:
        for rank, moment in enumerate(prediction.moments, 1):
            names = [timeline.rate.name(timeline.head + frame) for frame in timeline.span(moment)]
            texts = [cell(timeline.name), cell(prediction.query)]
            status = [prediction.status, prediction.presence, cell(prediction.annotator or "")]
            table.writerow([*texts, rank, moment.start, moment.end, moment.score, *names, *status])
    return out.getvalue()


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Rows with query, start and end, and optionally video, score, presence and annotator. Raises AnnotationError."""
    rows = []
    for row in read_csv(path):
        moment = moment_at(row.where, row.number("start"), row.number("end"), row.number("score", 1.0))
        video = from_cell(row.text("video")) if "video" in row else None
        presence, annotator = standing(row)
        rows.append((video, from_cell(row.text("query")), moment, (presence, annotator and from_cell(annotator))))
    return gathered(rows)


FORMAT = Format(
    ".csv", "spreadsheets: seconds and timecode", "seconds", write, read, needs="frames", encoding="utf-8-sig"
)
