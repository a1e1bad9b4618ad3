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
from whenabouts.interchange.formats.cues import Cue, cues, read_cues, read_queries, times, without_times
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at, standing
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction

__all__ = ["CHAPTERS", "METADATA", "read", "read_metadata", "write", "write_metadata"]


def write(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """Chapters in order of time, which overlap where moments do, below a note that players skip.

    The note has a line for each cue with its number, status and score. It stands above all cues since some readers take
    a note between two for text of the first; and some take times in a text for those of a cue, so these are parted.
    """
    ordered = cues(predictions)
    note = "\n".join(["NOTE", *(f"{n} {cue.remark}" for n, cue in enumerate(ordered, 1))]) + "\n"
    rows = [(cue.moment, html.escape(without_times(cue.query), quote=False)) for cue in ordered]
    return _file(rows, note if rows else "")


def write_metadata(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """Metadata cues, in order of time."""
    return _file([(cue.moment, _facts(cue)) for cue in cues(predictions)])


def _facts(cue: Cue) -> str:
    moment, prediction, rank = cue
    facts = {
        "query": prediction.query,
        "rank": rank,
        "score": moment.score,
        "start": moment.start,
        "end": moment.end,
        "status": prediction.status,
        "presence": prediction.presence,
        "annotator": prediction.annotator,
    }
    return json.dumps(facts).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Cues whose text is the query."""
    return read_queries(path)


def read_metadata(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Cues in the layout of `write_metadata`. Raises AnnotationError with the cue and field."""
    rows = []
    for where, _, _, text, _ in read_cues(path):
        try:
            row = Row(json.loads(text), where)
        except (ValueError, RecursionError):
            raise AnnotationError(f"{where}: the text is not a JSON object") from None
        moment = moment_at(where, row.number("start"), row.number("end"), row.number("score", 1.0))
        rows.append((None, row.text("query"), moment, standing(row)))
    return gathered(rows)


def _file(rows: Sequence[tuple[Moment, str]], note: str = "") -> str:
    blocks = [f"{n}\n{times(m.start, m.end, '.')}\n{text}\n" for n, (m, text) in enumerate(rows, 1)]
    return "\n".join(["WEBVTT\n", *([note] if note else []), *blocks])


CHAPTERS = Format(".vtt", "players: chapters or subtitles", "milliseconds", write, read, group="watching")
METADATA = Format(
    ".metadata.vtt", "scripts in a page: JSON cues", "seconds", write_metadata, read_metadata, group="watching"
)
