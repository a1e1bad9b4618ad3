"""A file of results as a selector: what VideoITG scored elsewhere, found again by video and question."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from whenabouts.errors import InputError
from whenabouts.selection.videoitg.results import Result, read_results
from whenabouts.selection.videoitg.scored import Scored
from whenabouts.video import Video

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
        """The frames of the row. Raises InputError where it is not one row, or one of another video."""
        row = self._row(video, question)
        total = len(video.times)
        if beyond := [number for number in row.index if number >= total]:
            raise InputError(
                f"{self.path}: doc_id {row.doc_id} names frame {beyond[0]}, and {video.path} has {total} pictures;"
                " it was scored on another file"
            )
        order = sorted(range(len(row.index)), key=lambda k: row.index[k])
        numbers, scores = tuple(row.index[k] for k in order), tuple(row.logits[k] for k in order if row.logits)
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


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _stem(path: str) -> str:
    return PurePosixPath(path.replace("\\", "/")).stem
