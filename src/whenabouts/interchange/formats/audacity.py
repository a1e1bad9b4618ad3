"""Label tracks of Audacity: a line of start, end and text for each moment, in seconds, with tabs between.

Text is UTF-8 without escapes. A line that begins with a backslash holds the frequencies of the label above.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import AnnotationError
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.cues import cues
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write"]

POINT = 1e-6  # seconds that a label without length lasts, which is the last digit that is written


def write(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """Labels in order of time."""
    lines = []
    for cue in cues(predictions):
        start, end = cue.moment.start, max(cue.moment.end, cue.moment.start + POINT)
        lines.append(f"{start:.6f}\t{end:.6f}\t{cue.query}\n")
    return "".join(lines)


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Labels, whose text is the query; one without length lasts a millionth of a second. Raises AnnotationError."""
    rows = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip() or line.startswith("\\"):
            continue
        start, end, text = (*line.rstrip("\r").split("\t", 2), "", "")[:3]
        where = f"{path}, line {number}"
        times = _seconds(start, where), _seconds(end, where)
        rows.append((None, text.strip(), moment_at(where, times[0], max(times[1], times[0] + POINT))))
    return gathered(rows)


def _seconds(text: str, where: str) -> float:
    try:
        time = float(text.replace(",", "."))  # older versions wrote the comma of the reader's language
    except ValueError:
        time = math.nan
    if not math.isfinite(time):
        raise AnnotationError(f"{where}: {text[:40]!r} is not a time in seconds; a label is start, end and text")
    return time


FORMAT = Format(".labels.txt", "Audacity: a label track", "microseconds", write, read, group="editing")
