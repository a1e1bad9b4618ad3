"""JSON for temporal action localisation, in the layout of ActivityNet submissions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whenabouts.files.records import Row, read_json
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction
from whenabouts.printable import json_text

__all__ = ["FORMAT", "read", "write"]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """{"version", "results": {file stem: [{"segment", "label", "score"}]}, "external_data"}; queries are the labels."""
    results = [
        {"segment": [moment.start, moment.end], "label": each.query, "score": moment.score}
        for each in predictions
        for moment in each.moments
    ]
    stem = timeline.name.removesuffix(timeline.path.suffix)
    content = {"version": "VERSION 1.3", "results": {stem: results}, "external_data": {}}
    return json_text(content, indent=2) + "\n"


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Detections by video and label. Raises AnnotationError."""
    videos = Row(Row(read_json(path), f"{path}")["results"], f"{path}, results")
    return gathered(
        (video, row.text("label"), moment_at(row.where, *row.pair("segment"), row.number("score", 1.0)))
        for video in videos
        for row in videos.rows(video)
    )


FORMAT = Format(".tal.json", "ActivityNet-style detections", "seconds", write, read, absent=True)
