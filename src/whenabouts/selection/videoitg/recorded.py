"""A file of results as a selector: what VideoITG scored elsewhere, found again by video and question."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import numpy as np

from whenabouts.errors import InputError
from whenabouts.selection.videoitg.results import Result, read_results
from whenabouts.selection.videoitg.scored import Scored
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["Recorded"]


@dataclass
class Recorded:
    """Rows of `results.jsonl` or of a file of chosen frames.

    doc_id: the row that is meant; None finds it by the name of the video and by the question
    """

    path: Path
    doc_id: str | int | None = None

    @cached_property
    def results(self) -> list[Result]:
        """All rows, read once."""
        return read_results(self.path)

    def score(self, video: Video, question: str) -> Scored:
        """The frames of the row that lie in the video, which may be a part of the one that was scored.

        Raises InputError where it is not one row, or one of another video.
        """
        row = self._row(video, question)
        first, total = _place(video)
        if beyond := [number for number in row.index if number >= total]:
            raise InputError(
                f"{self.path}: doc_id {row.doc_id} names frame {beyond[0]}, and {video.path} has {total} pictures;"
                " it was scored on another file"
            )
        here = range(first, first + len(video.times))
        order = sorted((k for k in range(len(row.index)) if row.index[k] in here), key=lambda k: row.index[k])
        numbers, scores = tuple(row.index[k] - first for k in order), tuple(row.logits[k] for k in order if row.logits)
        return Scored(numbers, scores, settings={"file": str(self.path), "doc_id": row.doc_id})

    def _row(self, video: Video, question: str) -> Result:
        """The one row that fits."""
        if self.doc_id is not None:
            found = [row for row in self.results if str(row.doc_id) == str(self.doc_id)]
            what = f"doc_id {self.doc_id}"
        else:
            asked = _plain(question)
            found = [
                row
                for row in self.results
                if _stem(row.video_path) == video.path.stem and asked and asked in _plain(row.contexts)
            ]
            exact = [row for row in found if _plain(row.contexts) == asked]
            found, what = exact or found, f"the question {question!r} about {video.path.name}"
        if len(found) != 1:
            raise InputError(f"{self.path} has {len(found)} rows of {what}; name one by its doc_id")
        return found[0]


def _place(video: Video) -> tuple[int, int]:
    """The number in its file of the first picture of a video, which may be a part, and how many the file has."""
    if not isinstance(video, Part):
        return 0, len(video.times)
    first, total = _place(video.whole)
    return first + max(0, int(np.searchsorted(video.whole.times, video.start, "right")) - 1), total


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _stem(path: str) -> str:
    return PurePosixPath(path.replace("\\", "/")).stem
