"""Projects of LosslessCut (.llc): the video's name and its segments in seconds, as JSON5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from whenabouts.errors import AnnotationError
from whenabouts.files.records import Row, read_text
from whenabouts.interchange.formats.cues import Cue, cues
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.json5 import parse
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.marked import Row as Found
from whenabouts.interchange.remark import remark_in
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction
from whenabouts.printable import json_text

__all__ = ["FORMAT", "read", "write"]

VERSION = 2  # of the format, which LosslessCut has written since 3.65; it reads 1 too
TAG = "whenabouts"


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """Segments in order of time; a tag of each tells status, rank and score."""
    segments = [_segment(cue) for cue in cues(predictions)]
    content = {"version": VERSION, "mediaFileName": timeline.name, "cutSegments": segments}
    return json_text(content, indent=2) + "\n"


def _segment(cue: Cue) -> dict[str, Any]:
    return {"start": cue.moment.start, "end": cue.moment.end, "name": cue.query, "tags": {TAG: cue.remark}}


def read(path: Path, timeline: Timeline | None = None) -> list[Marked]:
    """Segments, whose names are the queries. Raises AnnotationError.

    A segment without a start begins with the video, and one without an end, which is a marker, lasts one frame.
    """
    try:
        content = parse(read_text(path))
    except ValueError as error:
        raise AnnotationError(f"{path} is not a LosslessCut project: {error}") from None
    project = Row(content, f"{path}")
    video = project.text("mediaFileName") if project.get("mediaFileName") is not None else None
    return gathered(_segments(project, video, float(timeline.rate.seconds(1)) if timeline else 0.04))


def _segments(project: Row, video: str | None, frame: float) -> Iterator[Found]:
    for segment in project.rows("cutSegments"):
        start = segment.number("start", 0.0)
        end = segment.number("end", start + frame)
        name = segment.text("name") if segment.get("name") is not None else ""
        tags = segment.get("tags")
        told = remark_in(str(tags.get(TAG, ""))) if isinstance(tags, dict) else remark_in("")
        yield video, name, moment_at(segment.where, start, end, told.score), told.standing


FORMAT = Format(".llc", "LosslessCut: segments of a project", "seconds", write, read, group="editing")
