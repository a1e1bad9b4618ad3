"""Moments as clips: one frame-exact file per moment, named after its query, rank and times."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.files.storage import storing
from whenabouts.interchange.only import Only, chosen
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["clip_name", "clips_of", "write_clips"]

MAX_SLUG_BYTES = 80  # of the query in a file name; file systems allow 255 for the whole name


def write_clips(
    predictions: Sequence[Prediction],
    video: Video,
    folder: Path,
    *,
    pad: float = 0.0,
    smart: bool = False,
    only: Only = "likely",
) -> list[Path]:
    """Write a clip of each moment into `folder` and return the paths, in the order of the predictions.

    pad:   seconds added at both ends of each clip, within the video
    smart: as in `Video.cut`
    only:  which moments, as for `interchange.only.chosen`

    File names end in a digest of video, query and times: so the same moment overwrites its own clip, and no other file
    is ever overwritten. Each clip is written completely or not at all. Raises InputError, VideoError.
    """
    if not pad >= 0:
        raise InputError(f"the padding of clips must be at least 0 seconds, got {pad}")
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for prediction in chosen(predictions, only):
        for rank, moment in enumerate(prediction.moments, start=1):
            start, end = max(0.0, moment.start - pad), min(video.duration, moment.end + pad)
            name = clip_name(prediction.query, rank, start, end, video.sha256)
            paths.append(video.cut(start, end, folder / name, smart=smart))
    return paths


def clips_of(
    prediction: Prediction, folder: Path, *, pad: float = 0.0, smart: bool = False, only: Only = "likely"
) -> list[Path]:
    """Like `write_clips`, with the video of the prediction. Raises VideoError, and InputError if it has no video."""
    if prediction.video is None:
        raise InputError("the prediction has no path of its video; open the video and call write_clips")
    with Video(prediction.video) as video:
        return write_clips([prediction], video, folder, pad=pad, smart=smart, only=only)


def clip_name(query: str, rank: int, start: float, end: float, video: str) -> str:
    """A file name of letters, digits, dashes and dots, so that no query can lead to a path outside the folder.

    video: sha256 of the video

    >>> clip_name("A cat / on a mat?", 1, 2.75, 8.0, "ab12")
    'a-cat-on-a-mat-1-0002.75-0008.00-e4f5bb94.mp4'
    """
    words = (
        re.sub(r"[^\w]+", "-", query.casefold()).strip("-_").encode()[:MAX_SLUG_BYTES].decode(errors="ignore")
        or "query"
    )
    digest = hashlib.sha256(repr((video, query, float(start), float(end))).encode()).hexdigest()[:8]
    return f"{words}-{rank}-{start:07.2f}-{end:07.2f}-{digest}.mp4"
