"""Marker lists of Avid Media Composer (Markers window, Import Markers): text with tabs between six fields.

    name, timecode, track, colour, comment, length in frames

The comment is the query, and the name tells status, rank and score.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import AnnotationError, InputError
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered
from whenabouts.interchange.remark import remark, remark_in
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write"]

COLOURS = ("red", "green", "blue", "cyan", "magenta", "yellow", "white", "black")
TRACK = "V1"


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """A line per moment in order of time, from the video's timecode or 01:00:00:00; a colour for each query."""
    lines = []
    for index, each in enumerate(predictions):
        colour, query = COLOURS[index % len(COLOURS)], one_line(each.query)
        for rank, moment in enumerate(each.moments, 1):
            first, end = timeline.span(moment)
            time = timeline.rate.name(timeline.head + first)
            fields = (remark(each, rank), time, TRACK, colour, query, str(end - first))
            lines.append((first, "\t".join(fields) + "\n"))
    return "".join(line for _, line in sorted(lines, key=lambda placed: placed[0]))


def read(path: Path, timeline: Timeline | None = None) -> list[Marked]:
    """Markers, by their comments. Frame rate and first timecode are those of `timeline`. Raises AnnotationError."""
    assert timeline is not None  # `FORMAT` requires it
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip():
            continue
        where, fields = f"{path}, line {number}", line.split("\t")
        if len(fields) < 5:
            raise AnnotationError(f"{where}: a marker has name, timecode, track, colour and comment with tabs between")
        try:
            first = (timeline.rate.parse(fields[1]) - timeline.head) % timeline.rate.day
        except InputError as error:
            raise AnnotationError(f"{where}: {error}") from None
        if first >= timeline.frames:
            raise AnnotationError(f"{where}: the marker is outside the video, which has {timeline.frames} frames")
        length = fields[5].strip() if len(fields) > 5 else ""
        frames = int(length) if length.isascii() and length.isdigit() and len(length) < 10 else 1
        told = remark_in(fields[0])
        moment = timeline.moment(first, first + max(1, frames), told.score)
        rows.append((None, fields[4].strip(), moment, told.standing))
    return gathered(rows)


FORMAT = Format(
    ".markers.txt",
    "Avid Media Composer: Markers window, Import Markers",
    "timecode",
    write,
    read,
    timeline=True,
    needs="frames",
    group="editing",
)
