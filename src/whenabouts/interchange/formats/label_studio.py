"""Label Studio tasks with TimelineLabels: predictions to correct on a video's timeline.

Frames are counted from 1, and the last one is included. Label Studio counts them at the frame rate in the labelling
configuration and needs videos of constant frame rate; `data.fps` holds this rate:

    <View><Video name="video" value="$video" frameRate="$fps"/>
      <TimelineLabels name="moments" toName="video"/></View>
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError
from whenabouts.files.records import Row, read_json, read_rows
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.timecode import FrameRate
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.printable import json_text

__all__ = ["FORMAT", "read", "write"]


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """A list of one task; `video` is the file name and must be changed to the URL from which Label Studio serves it."""
    results: list[dict[str, Any]] = []
    for prediction in predictions:
        for moment in prediction.moments:
            first, end = timeline.span(moment)
            value = {"ranges": [{"start": first + 1, "end": end}], "timelinelabels": [prediction.query]}
            place = {"type": "timelinelabels", "from_name": "moments", "to_name": "video"}
            results.append({"id": f"m{len(results) + 1}", **place, "value": value, "score": moment.score})
    data = {"video": timeline.name, "fps": float(timeline.rate.rate)}
    task = {"data": data, "predictions": [{"model_version": "whenabouts", "result": results}]}
    return json_text([task], indent=2) + "\n"


def read(path: Path, timeline: Timeline | None = None) -> list[Marked]:
    """The annotations of every task, or its predictions if it has no annotations.

    The frame rate is that of `timeline`, else `data.fps` of each task. Raises AnnotationError, and InputError if there
    is no frame rate.
    """
    return gathered(row for task in read_rows(read_json(path), f"{path}") for row in _task(task, timeline))


def _task(task: Row, timeline: Timeline | None) -> Iterator[tuple[str | None, str, Moment]]:
    data = Row(task["data"], f"{task.where}, data")
    if timeline is None and "fps" not in data:
        raise InputError(f"{task.where}: the frame rate is missing; name the video too, or add data.fps")
    rate = timeline.rate if timeline else FrameRate.nearest(data.number("fps"))
    video = data.text("video") if "video" in data else None
    for answer in task.rows("annotations" if task.get("annotations") else "predictions"):
        for result in answer.rows("result"):
            if result.get("type") != "timelinelabels":
                continue
            value = Row(result["value"], f"{result.where}, value")
            for stretch in value.rows("ranges"):
                first, end = (round(stretch.number(field)) for field in ("start", "end"))
                span = float(rate.seconds(first - 1)), float(rate.seconds(end))
                moment = moment_at(stretch.where, *span, result.number("score", 1.0))
                yield from ((video, str(label), moment) for label in value.entries("timelinelabels"))


FORMAT = Format(
    ".labelstudio.json", "Label Studio's TimelineLabels, to be corrected", "frames from 1", write, read, needs="frames"
)
