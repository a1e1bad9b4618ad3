"""WebVTT: moments as chapters that players list, or as metadata for the scripts of a page.

The text of a chapter is the query. The text of a metadata cue is a JSON object with query, rank, score and seconds.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import AnnotationError
from whenabouts.files.records import Row
from whenabouts.interchange.formats.cues import cues, read_cues, read_queries, times
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["CHAPTERS", "METADATA", "read", "read_metadata", "write", "write_metadata"]


def write(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """Chapters, in order of time; they overlap where moments do."""
    return _file([(m.start, m.end, html.escape(one_line(query), quote=False)) for m, query, _ in cues(predictions)])


def write_metadata(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """Metadata cues, in order of time."""
    rows = []
    for moment, query, rank in cues(predictions):
        facts = {"query": query, "rank": rank, "score": moment.score, "start": moment.start, "end": moment.end}
        payload = json.dumps(facts).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
        rows.append((moment.start, moment.end, payload))
    return _file(rows)


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Cues whose text is the query."""
    return read_queries(path)


def read_metadata(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Cues in the layout of `write_metadata`. Raises AnnotationError with the cue and field."""
    rows = []
    for where, _, _, text in read_cues(path):
        try:
            row = Row(json.loads(text), where)
        except (ValueError, RecursionError):
            raise AnnotationError(f"{where}: the text is not a JSON object") from None
        moment = moment_at(where, row.number("start"), row.number("end"), row.number("score", 1.0))
        rows.append((None, row.text("query"), moment))
    return gathered(rows)


def _file(rows: Sequence[tuple[float, float, str]]) -> str:
    blocks = [f"{n}\n{times(start, end, '.')}\n{text}\n" for n, (start, end, text) in enumerate(rows, 1)]
    return "\n".join(["WEBVTT\n", *blocks])


CHAPTERS = Format(".vtt", "players: chapters or subtitles", "milliseconds", write, read)
METADATA = Format(".metadata.vtt", "scripts in a page: JSON cues", "seconds", write_metadata, read_metadata)
