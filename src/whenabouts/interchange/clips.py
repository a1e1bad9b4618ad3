"""Moments as clips: one frame-exact file per moment, named so that a folder of them reads like a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["clip_name", "write_clips"]


def write_clips(predictions: Sequence[Prediction], video: Video, folder: Path) -> list[Path]:
    """Cut every moment out of the film into `folder` and return the paths, in the order of the predictions.

    Names come from the query, the rank and the times, so that the same answer writes the same files again and another
    never replaces them. Each clip appears whole or not at all. Raises InputError, VideoError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} for clips cannot be made: {error.strerror}") from error
    return [
        video.cut(moment.start, moment.end, folder / clip_name(prediction.query, rank, moment.start, moment.end))
        for prediction in predictions
        for rank, moment in enumerate(prediction.moments, start=1)
    ]


def clip_name(query: str, rank: int, start: float, end: float) -> str:
    """A file name of letters, digits and dashes; what a query holds can never leave the folder.

    >>> clip_name("A cat / on a mat?", 1, 2.75, 8.0)
    'a-cat-on-a-mat-1-0002.75-0008.00.mp4'
    """
    words = re.sub(r"[^\w]+", "-", query.casefold()).strip("-_")[:60] or "query"
    return f"{words}-{rank}-{start:07.2f}-{end:07.2f}.mp4"
