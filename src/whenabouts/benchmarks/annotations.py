"""The annotation file: one JSON object per line, what one annotator says of one query on one video.

    {"vid": "cat", "query": "a cat jumps", "duration": 30.0, "relevant_windows": [[1.5, 7.0]], "split": "train"}

It is the format of QVHighlights with a few more fields. The page writes it; `dataset`, `evaluate`, `predict`, `train`,
`curate` and `post-train` read it. Times are seconds.

    vid                name of the video; without it, the name of the file `video`
    query              what is looked for
    duration           length of the video
    relevant_windows   its moments, [start, end]; [] says that the query does not happen, no field that nobody looked
    qid                identifier of the query; without it, the number of its row
    split              such as train, val or test
    annotator          who says so
    video              path of the video file, relative to a directory of videos
    relevant_clip_ids  numbers of the rated clips of 2 s; saliency_scores: a list of ratings for each of them
    ious               tIoU of the answers of a reference model, which `curate` writes
    absent             kind of a negative, of a query that does not happen: "other video", "colour", …
    difficulty         how hard it is to tell that it does not happen
    original           the query that the negative was made of
    seed               number from which chance was drawn when it was made
    provenance         how the windows came about: "edited" by the annotator, "confirmed" where a model's windows were
                       all right as they are, "model" where a model's are among them that nobody has checked
    window_provenance  the same for each window
    saved              when the annotator said so, ISO 8601 in UTC
    corrects           the model's answer that was corrected: its `job`, `moments` [start, end, score] and `receipt`

Only `query` and one of `vid` and `video` must be there; other fields are passed over. A window has 0 <= start < end:
others are refused, except in published files, whose defects `evaluation.defects` reports. `windows` and `timestamp`
are no other names of `relevant_windows`: a row that has one of them and not the field is refused.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.files.atomic import replacing
from whenabouts.files.records import Row, read_lines
from whenabouts.metrics.checks import MAX_DURATION

__all__ = [
    "CHECKED",
    "PROVENANCE",
    "Annotation",
    "Checked",
    "Provenance",
    "checked_annotations",
    "read_annotations",
    "write_annotations",
]

Window = tuple[float, float]
Checked = Literal["edited", "confirmed"]  # by a person
Provenance = Literal["model", Checked]
PROVENANCE: tuple[Provenance, ...] = ("model", "edited", "confirmed")
CHECKED: tuple[Checked, ...] = get_args(Checked)
ABSENT = "absent"  # the kind of a negative that says no more than `"relevant_windows": []`
MAX_OVERHANG = 1.0  # seconds by which a window may end after its video, as rounding makes it
MISNAMED_WINDOWS = ("windows", "timestamp")  # what other formats call `relevant_windows`


@dataclass(frozen=True, slots=True)
class Annotation:
    """One row of an annotation file, with the fields that the file has. `where` is its file and line.

    >>> Annotation("cat", "a dog", 30.0, relevant_windows=(), qid=7).to_dict()
    {'qid': 7, 'query': 'a dog', 'vid': 'cat', 'duration': 30.0, 'relevant_windows': []}
    """

    vid: str
    query: str
    duration: float | None = None
    relevant_windows: tuple[Window, ...] | None = None
    qid: str | int | None = None
    split: str | None = None
    annotator: str | None = None
    video: str | None = None
    relevant_clip_ids: tuple[int, ...] | None = None
    saliency_scores: tuple[tuple[float, ...], ...] | None = None
    ious: tuple[float, ...] | None = None
    absent: str | None = None
    difficulty: str | None = None
    original: str | None = None
    seed: int | None = None
    provenance: Provenance | None = None
    window_provenance: tuple[Provenance, ...] | None = None
    saved: str | None = None
    corrects: Mapping[str, Any] | None = field(default=None, hash=False)
    where: str = field(default="", compare=False)
    numbered: bool = field(default=False, compare=False)

    @classmethod
    def from_row(cls, row: Row, number: int | None = None, *, published: bool = False) -> Annotation:
        """Check a row; `number` is its qid where it has none. Raises AnnotationError naming file, line and field.

        published: the row is of a published file, whose windows are kept even if inverted or negative.
        """
        windows = _windows(row, published)
        clip_ids, saliency = _ratings(row)
        duration = row.number("duration", None)
        if duration is not None and not 0 < duration < MAX_DURATION:
            row.refuse("duration", f"must be the seconds of a video, not {duration:g}")
        video = _text(row, "video")
        absent = _text(row, "absent")
        if absent is not None and windows != ():
            row.refuse("absent", "is said of a query that has windows; its relevant_windows must be []")
        provenance, window_provenance = (None, None) if published else _provenance(row, windows)
        corrects = None if published else row.get("corrects")
        if corrects is not None and not isinstance(corrects, Mapping):
            row.refuse("corrects", "must be an object")
        return cls(
            row.text("vid") if "vid" in row or video is None else Path(video).stem,
            row.text("query"),
            duration,
            windows,
            number if row.get("qid") is None and number is not None else row.name("qid"),
            _text(row, "split"),
            _text(row, "annotator"),
            video,
            clip_ids,
            saliency,
            tuple(row.numbers("ious")) if row.get("ious") is not None else None,
            absent,
            _text(row, "difficulty"),
            _text(row, "original"),
            _whole(row, "seed"),
            provenance,
            window_provenance,
            None if published else _text(row, "saved"),
            corrects,
            row.where,
            published and row.get("qid") is None,  # in an own file the number of a row is its id
        )

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, in the order of QVHighlights; fields that are None are left out."""
        windows = self.relevant_windows
        content: dict[str, Any] = {
            "qid": self.qid,
            "query": self.query,
            "vid": self.vid,
            "duration": self.duration,
            "relevant_windows": None if windows is None else [list(window) for window in windows],
            "relevant_clip_ids": None if self.relevant_clip_ids is None else list(self.relevant_clip_ids),
            "saliency_scores": None if self.saliency_scores is None else [list(row) for row in self.saliency_scores],
            "split": self.split,
            "annotator": self.annotator,
            "video": self.video,
            "ious": None if self.ious is None else list(self.ious),
            "absent": self.absent,
            "difficulty": self.difficulty,
            "original": self.original,
            "seed": self.seed,
            "provenance": self.provenance,
            "window_provenance": None if self.window_provenance is None else list(self.window_provenance),
            "saved": self.saved,
            "corrects": None if self.corrects is None else dict(self.corrects),
        }
        return {name: value for name, value in content.items() if value is not None}

    def to_line(self) -> str:
        """The row as a line of the file, with its line break."""
        return json.dumps(self.to_dict(), ensure_ascii=False) + "\n"

    def to_example(self) -> Example:
        """The row as the readers of benchmarks give it; `qid` must be known, as it is for a row that was read."""
        assert self.qid is not None
        ids, ratings = self.relevant_clip_ids, self.saliency_scores
        width = len(ratings[0]) if ratings else 3
        return Example(
            self.qid,
            self.vid,
            self.query,
            np.array(self.relevant_windows or (), dtype=np.float64).reshape(-1, 2),
            self.duration,
            clip_ids=None if ids is None else np.array(ids, dtype=np.int64),
            saliency=None if ratings is None else np.array(ratings, dtype=np.float64).reshape(-1, width),
            absent=self.absent or (ABSENT if self.relevant_windows == () and ratings is None else None),
            difficulty=self.difficulty,
            original=self.original,
            provenance=self.provenance,
            numbered=self.numbered,
            where=self.where,
        )


def read_annotations(path: Path, *, published: bool = False) -> list[Annotation]:
    """The rows of a file. Raises AnnotationError naming file, line and field, InputError for a file that is missing.

    published: the file is of a benchmark, and its windows are kept as they are. In other files a window that is none
    is refused, and windows that end more than a second after their video are counted in a warning.
    """
    rows = [Annotation.from_row(row, n, published=published) for n, row in enumerate(read_lines(path), 1)]
    late = 0 if published else sum(_windows_beyond_the_end(row) for row in rows)
    if late:
        told = f"{late} windows of relevant_windows end" if late > 1 else "1 window of relevant_windows ends"
        warnings.warn(f"{path}: {told} more than {MAX_OVERHANG:g} s after the video; times are seconds", stacklevel=2)
    return rows


def checked_annotations(path: Path, provenance: Checked | None = None) -> list[Annotation]:
    """The rows of a file that are the truth: none with windows of a model that nobody has checked.

    provenance: the only kind of corrections to take. Rows that do not say how they came about are always taken. What
    is left out for want of a person is counted in a warning. Raises as `read_annotations`.
    """
    rows = read_annotations(path)
    kept = [row for row in rows if row.provenance in (None, *((provenance,) if provenance else CHECKED))]
    unchecked = sum(row.provenance == "model" for row in rows)
    if unchecked:
        warnings.warn(f"{path}: left out rows with windows of a model that nobody checked: {unchecked}", stacklevel=2)
    return kept


def write_annotations(path: Path, annotations: Iterable[Annotation]) -> None:
    """Write a file, which appears whole or not at all. Raises OSError."""
    with replacing(path, folders=True) as part:
        part.write_text("".join(annotation.to_line() for annotation in annotations), "utf-8")


def _text(row: Row, name: str) -> str | None:
    return None if row.get(name) is None else row.text(name)


def _provenance(
    row: Row, windows: tuple[Window, ...] | None
) -> tuple[Provenance | None, tuple[Provenance, ...] | None]:
    whole = None if row.get("provenance") is None else _one_of(row, "provenance", row["provenance"])
    if row.get("window_provenance") is None:
        return whole, None
    each = tuple(_one_of(row, "window_provenance", kind) for kind in row.entries("window_provenance"))
    if len(each) != len(windows or ()):
        row.refuse("window_provenance", f"has {len(each)} entries for {len(windows or ())} windows")
    if ("model" in each) != (whole == "model"):
        row.refuse("provenance", "must be model where that of a window is, and only there")
    return whole, each


def _one_of(row: Row, name: str, value: Any) -> Provenance:
    found = next((kind for kind in PROVENANCE if kind == value), None)
    return found if found is not None else row.refuse(name, f"must be one of: {', '.join(PROVENANCE)}")


def _whole(row: Row, name: str) -> int | None:
    value = row.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        row.refuse(name, "must be a whole number")
    return value


def _windows(row: Row, published: bool) -> tuple[Window, ...] | None:
    if row.get("relevant_windows") is None:
        for name in MISNAMED_WINDOWS:
            if name in row:
                row.refuse(name, "must be renamed to relevant_windows, a list of [start, end] in seconds")
        return None
    windows = tuple((start, end) for start, end in row.table("relevant_windows", 2).tolist())
    for number, (start, end) in enumerate(windows, 1):
        if not (published or 0 <= start < end):
            row.refuse(f"relevant_windows, entry {number},", f"needs 0 <= start < end, not [{start:g}, {end:g}]")
    return windows


def _windows_beyond_the_end(row: Annotation) -> int:
    if row.duration is None:
        return 0
    return sum(end > row.duration + MAX_OVERHANG for _, end in row.relevant_windows or ())


def _ratings(row: Row) -> tuple[tuple[int, ...] | None, tuple[tuple[float, ...], ...] | None]:
    if row.get("relevant_clip_ids") is None or row.get("saliency_scores") is None:
        return None, None
    ids, ratings = row.entries("relevant_clip_ids"), row.entries("saliency_scores")
    if not ids and ratings == [[]]:  # as the negatives of NA-VMR have it
        return (), ()
    if len(ids) != len(ratings):
        row.refuse("saliency_scores", f"has {len(ratings)} entries for {len(ids)} clips")
    if not (_are_plain(ids) or all(isinstance(i, int) and abs(i) < 2**31 for i in ids)):
        row.refuse("relevant_clip_ids", "must be whole numbers")
    width = len(ratings[0]) if ratings and isinstance(ratings[0], list) else 3
    return tuple(ids), tuple(map(tuple, row.table("saliency_scores", width).tolist()))


def _are_plain(ids: list[Any]) -> bool:
    """A quick look at numbers of clips."""
    return set(map(type, ids)) == {int} and min(ids) > -(2**31) and max(ids) < 2**31
