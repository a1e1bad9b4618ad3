"""FiftyOneTemporalDetectionDataset of FiftyOne: a labels.json with the moments of one video as TemporalDetections.

With the video in a folder `data/` beside it, it can be loaded by
`fiftyone.Dataset.from_dir(..., dataset_type=FiftyOneTemporalDetectionDataset)`. Times are in seconds ("timestamps"),
which FiftyOne converts into frames of the video.
"""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction
from whenabouts.printable import json_text

__all__ = ["FORMAT", "write"]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """{"classes": queries, "labels": {file stem: [{"label", "timestamps", "confidence"}]}}."""
    classes = list(dict.fromkeys(prediction.query for prediction in predictions))
    labels = [
        {"label": classes.index(each.query), "timestamps": [moment.start, moment.end], "confidence": moment.score}
        for each in predictions
        for moment in each.moments
    ]
    stem = timeline.name.removesuffix(timeline.path.suffix)
    return json_text({"classes": classes, "labels": {stem: labels}}, indent=2) + "\n"


FORMAT = Format(".fiftyone.json", "FiftyOneTemporalDetectionDataset", "seconds", write)
