"""QVHighlights JSON Lines, one row per query, in the layouts of submissions and of annotations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whenabouts.files.records import read_lines
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, moment_at, standing
from whenabouts.interchange.timeline import Timeline
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
    """Predicted windows [start, end, score], or annotated ones [start, end], which a person marked.

    Raises AnnotationError.
    """
    marked = []
    for row in read_lines(path):
        predicted = "pred_relevant_windows" in row
        table = row.table("pred_relevant_windows", 3) if predicted else row.table("relevant_windows", 2)
        moments = tuple(moment_at(row.where, *window) for window in table.tolist())
        annotator = None if predicted else standing(row)[1] or ""
        marked.append(Marked(row.text("query"), moments, str(row.name("vid")), annotator=annotator))
    return marked


FORMAT = Format(".jsonl", "QVHighlights rows", "seconds, four decimals", write, read, absent=True)
