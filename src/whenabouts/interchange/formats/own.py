"""The JSON of `whenabouts find --json`: a list of predictions with all fields."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import AnnotationError
from whenabouts.files.records import read_json
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction
from whenabouts.printable import json_text

__all__ = ["FORMAT", "read", "read_predictions", "write"]


def write(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """One JSON list."""
    return json_text([prediction.to_dict() for prediction in predictions], indent=2) + "\n"


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """One `Marked` per prediction."""
    return [
        Marked(each.query, each.moments, each.video, each.presence, each.annotator) for each in read_predictions(path)
    ]


def read_predictions(path: Path) -> list[Prediction]:
    """The predictions in a file with one prediction or a list of them. Raises InputError, AnnotationError."""
    data = read_json(path)
    predictions = []
    for number, item in enumerate(data if isinstance(data, list) else [data], 1):
        try:
            predictions.append(Prediction.from_dict(item))
        except AnnotationError as error:
            raise AnnotationError(f"{path}, prediction {number}: {error}") from None
    return predictions


FORMAT = Format(".json", "whenabouts itself: every field", "seconds", write, read, needs="nothing", absent=True)
