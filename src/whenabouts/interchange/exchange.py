"""Write predictions to a file of any format and read them back, opening their video if the format needs it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.interchange.belonging import refuse_beyond
from whenabouts.interchange.formats import FORMATS, format_of, read, write
from whenabouts.interchange.formats.own import read_predictions as read_own
from whenabouts.interchange.only import Only
from whenabouts.interchange.timecode import FrameRate
from whenabouts.interchange.timeline import UNSTATED_RATE, Timeline
from whenabouts.prediction import Prediction
from whenabouts.video import Video
from whenabouts.video.source import shown

__all__ = ["read_predictions", "save", "timeline_of"]

log = logging.getLogger(__name__)


def read_predictions(path: Path, *, format: str | None = None, video: Path | None = None) -> list[Prediction]:
    """The predictions of a file, one per query and video.

    format: its name; by default it follows from the suffix
    video:  path of the video, for formats that count frames

    Only the format `json` states the duration of the video. For other formats `duration` is that of `video`; without
    `video`, it is the end of the last moment in the file. Raises InputError, AnnotationError, VideoError, MissingExtra.
    """
    if format_of(path, format) is FORMATS["json"]:
        return read_own(path)
    timeline = _opened(video) if video is not None else None
    marked = read(path, timeline, format=format)
    ends = [moment.end for each in marked for moment in each.moments]
    duration = timeline.duration if timeline else max(ends, default=0.0)
    return [
        Prediction(each.query, each.moments, duration, each.presence, video=each.video, annotator=each.annotator)
        for each in marked
    ]


def save(
    predictions: Sequence[Prediction],
    path: Path,
    *,
    format: str | None = None,
    video: Path | None = None,
    only: Only | None = None,
) -> Path:
    """Write predictions to a file and return its path.

    format: its name; by default it follows from the suffix
    video:  path of the video, if it differs from that in the predictions; formats that count frames open it
    only:   which moments, as for `interchange.formats.write`

    Raises InputError, VideoError, MissingExtra.
    """
    kind = format_of(path, format)
    if kind.needs == "nothing":
        return write(predictions, _unopened(predictions, video), path, format=format, only=only)
    if kind.needs == "frames" or video is not None:
        return write(predictions, timeline_of(predictions, video), path, format=format, only=only)
    named = _named(predictions)
    timeline = _opened(named) if named and named.is_file() else _unopened(predictions, named)
    return write(predictions, timeline, path, format=format, only=only)


def timeline_of(
    predictions: Sequence[Prediction], video: Path | None = None, *, timecode: str | None = None
) -> Timeline:
    """The timeline of the video of the predictions, which is opened.

    video:    path of the video, if it differs from that in the predictions
    timecode: of the first frame, as in `Timeline.of`

    Raises VideoError; InputError if the predictions have no video or several, or a moment after its end.
    """
    path = video or _named(predictions)
    if path is None:
        raise InputError("the predictions have no path of their video; name the video (--video)")
    _named(predictions)
    timeline = _opened(path, timecode)
    refuse_beyond(predictions, path, timeline.duration)
    return timeline


def _named(predictions: Sequence[Prediction]) -> Path | None:
    """The path of the video in the predictions."""
    names = {each.video for each in predictions}
    if len(names) > 1:
        raise InputError(f"the predictions are about {len(names)} videos; write those of one video at a time")
    name = next(iter(names), None)
    return None if name is None else Path(name)


def _opened(path: Path, timecode: str | None = None) -> Timeline:
    with Video(path) as video:
        for note in video.probe.notes:
            log.warning("%s: %s; an editor may count otherwise, and show these moments elsewhere", shown(path), note)
        return Timeline.of(video, timecode=timecode)


def _unopened(predictions: Sequence[Prediction], path: Path | None) -> Timeline:
    """A timeline for formats that use only seconds."""
    duration = max((each.duration for each in predictions), default=0.0)
    return Timeline(path or Path("video"), duration, FrameRate.nearest(UNSTATED_RATE))
