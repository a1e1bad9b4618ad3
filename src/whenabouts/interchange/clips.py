"""Moments as clips: one frame-exact file per moment, named by a template."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.files.storage import storing
from whenabouts.interchange.clip_names import (
    DEFAULT_NAME,
    ClipFacts,
    checked_template,
    file_name,
    free_name,
    tells_apart,
)
from whenabouts.interchange.only import Only, chosen
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["clips_of", "write_clips"]


def write_clips(
    predictions: Sequence[Prediction],
    video: Video,
    folder: Path,
    *,
    pad: float = 0.0,
    smart: bool = False,
    name: str | None = None,
    only: Only = "likely",
) -> list[Path]:
    """Write a clip of each moment into `folder` and return the paths, in the order of the predictions.

    pad:   seconds added at both ends of each clip, within the video
    smart: as in `Video.cut`
    name:  template of file names, with the fields of `clip_names.FIELDS`; by default query, rank, times and id
    only:  which moments, as for `interchange.only.chosen`

    With the field `id` the same moment overwrites its own clip and no other file; without it a name
    that is taken gets a number, and nothing is overwritten. Each clip is written completely or not at all. Raises
    InputError, VideoError.
    """
    if not pad >= 0:
        raise InputError(f"the padding of clips must be at least 0 seconds, got {pad}")
    name = checked_template(name or DEFAULT_NAME)
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    found = [
        (each.query, rank, moment)
        for each in chosen(predictions, only)
        for rank, moment in enumerate(each.moments, start=1)
    ]
    timeline = Timeline.of(video)
    taken = set() if tells_apart(name) else {path.name for path in folder.iterdir()}
    paths: list[Path] = []
    for number, (query, rank, moment) in enumerate(found, start=1):
        start, end = max(0.0, moment.start - pad), min(video.duration, moment.end + pad)
        timecode = timeline.rate.name(timeline.source + timeline.rate.frame(start))
        facts = ClipFacts(video.path.stem, video.sha256, query, rank, start, end, moment.score, number, timecode)
        own = free_name(file_name(name, facts), taken)
        paths.append(video.cut(start, end, folder / own, smart=smart))
        taken |= set() if tells_apart(name) else {own}
    return paths


def clips_of(
    prediction: Prediction,
    folder: Path,
    *,
    pad: float = 0.0,
    smart: bool = False,
    name: str | None = None,
    only: Only = "likely",
) -> list[Path]:
    """Like `write_clips`, with the video of the prediction. Raises VideoError, and InputError if it has no video."""
    if prediction.video is None:
        raise InputError("the prediction has no path of its video; open the video and call write_clips")
    with Video(prediction.video) as video:
        return write_clips([prediction], video, folder, pad=pad, smart=smart, name=name, only=only)
