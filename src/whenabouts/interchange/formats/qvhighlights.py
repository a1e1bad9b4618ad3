"""QVHighlights JSON Lines, one row per query, in the layouts of submissions and of annotations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from whenabouts.files.records import Row, read_lines
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, moment_at, standing
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.printable import json_text

__all__ = ["FORMAT", "read", "write"]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """Rows of a submission, with the duration; `qid` counts from 0, `vid` is the file's stem."""
    stem = timeline.name.removesuffix(timeline.path.suffix)
    rows = [
        {**each.to_qvhighlights(qid, stem, limit=len(each.moments)), "duration": timeline.duration}
        for qid, each in enumerate(predictions)
    ]
    return "".join(json_text(row) + "\n" for row in rows)


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Predicted windows [start, end, score], or annotated ones [start, end].

    A person marked the latter, but for those whose provenance is "model". Raises AnnotationError.
    """
    return [marked for row in read_lines(path) for marked in _marked(row)]


def _marked(row: Row) -> Iterator[Marked]:
    """The windows that a person marked, then those that are a model's."""
    query, video = row.text("query"), str(row.name("vid"))
    if "pred_relevant_windows" in row:
        yield Marked(query, _moments(row, "pred_relevant_windows", 3), video)
        return
    moments = _moments(row, "relevant_windows", 2)
    kinds = row.entries("window_provenance") if row.get("window_provenance") else []
    unchecked = {number for number, kind in enumerate(kinds) if kind == "model"}
    checked = tuple(moment for number, moment in enumerate(moments) if number not in unchecked)
    left = tuple(moment for number, moment in enumerate(moments) if number in unchecked)
    if checked or not left:
        yield Marked(query, checked, video, annotator=standing(row)[1] or "")
    if left:
        yield Marked(query, left, video)


def _moments(row: Row, field: str, columns: int) -> tuple[Moment, ...]:
    return tuple(moment_at(row.where, *window) for window in row.table(field, columns).tolist())


FORMAT = Format(".jsonl", "QVHighlights rows", "seconds, four decimals", write, read, absent=True)
