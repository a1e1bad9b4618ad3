"""CSV, one row per moment: video, query, rank, start and end in seconds, score, and both ends as timecode.

A query that a spreadsheet would interpret as a formula is written with an apostrophe in front, which `read` removes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from whenabouts.files.records import read_csv
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.text import printable
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write"]

COLUMNS = ("video", "query", "rank", "start", "end", "score", "start_timecode", "end_timecode")
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "'")


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """A header and one row per moment, by query and rank."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for prediction in predictions:
        for rank, moment in enumerate(prediction.moments, 1):
            names = [timeline.rate.name(timeline.head + frame) for frame in timeline.span(moment)]
            texts = [_cell(timeline.name), _cell(prediction.query)]
            table.writerow([*texts, rank, moment.start, moment.end, moment.score, *names])
    return out.getvalue()


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Rows with query, start and end, and optionally video and score. Raises AnnotationError."""
    rows = []
    for row in read_csv(path):
        moment = moment_at(row.where, row.number("start"), row.number("end"), row.number("score", 1.0))
        video = _text(row.text("video")) if "video" in row else None
        rows.append((video, _text(row.text("query")), moment))
    return gathered(rows)


def _cell(text: str) -> str:
    text = printable(text)
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def _text(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_PREFIXES) else cell


FORMAT = Format(".csv", "spreadsheets: seconds and timecode", "seconds", write, read, needs="frames")
