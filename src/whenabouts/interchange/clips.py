"""Moments as clips: one frame-exact file per moment, named so that a folder of them reads like a list."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["clip_name", "clips_of", "write_clips"]

SLUG = 80  # bytes of a query in a file name: file systems allow 255 for the whole


def write_clips(
    predictions: Sequence[Prediction], video: Video, folder: Path, *, pad: float = 0.0, smart: bool = False
) -> list[Path]:
    """Cut every moment out of the video into `folder` and return the paths, in the order of the predictions.

    Each clip has `pad` more seconds on both sides, as far as the video goes; `smart` is that of `Video.cut`. Names end
    in a digest of video, query and times: the same answer writes the same files again, and nothing else is ever
    replaced. Each clip appears whole or not at all. Raises InputError, VideoError.
    """
    if not pad >= 0:
        raise InputError(f"the padding of clips must be at least 0 seconds, got {pad}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} for clips cannot be made: {error.strerror}") from error
    paths = []
    for prediction in predictions:
        for rank, moment in enumerate(prediction.moments, start=1):
            start, end = max(0.0, moment.start - pad), min(video.duration, moment.end + pad)
            name = clip_name(prediction.query, rank, start, end, video.sha256)
            paths.append(video.cut(start, end, folder / name, smart=smart))
    return paths


def clips_of(prediction: Prediction, folder: Path, *, pad: float = 0.0, smart: bool = False) -> list[Path]:
    """As `write_clips`, from the video that the prediction names. Raises InputError where it names none, VideoError."""
    if prediction.video is None:
        raise InputError("the prediction names no video; open it and call write_clips")
    with Video(prediction.video) as video:
        return write_clips([prediction], video, folder, pad=pad, smart=smart)


def clip_name(query: str, rank: int, start: float, end: float, video: str) -> str:
    """A file name of letters, digits and dashes; what a query holds can never leave the folder.

    `video` identifies the video, by its sha256.

    >>> clip_name("A cat / on a mat?", 1, 2.75, 8.0, "ab12")
    'a-cat-on-a-mat-1-0002.75-0008.00-e4f5bb94.mp4'
    """
    words = re.sub(r"[^\w]+", "-", query.casefold()).strip("-_").encode()[:SLUG].decode(errors="ignore") or "query"
    digest = hashlib.sha256(repr((video, query, float(start), float(end))).encode()).hexdigest()[:8]
    return f"{words}-{rank}-{start:07.2f}-{end:07.2f}-{digest}.mp4"
