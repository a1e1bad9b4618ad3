"""The files in which VideoITG's authors keep what it scored, and what they show to models that answer.

`results.jsonl` has for each question {doc_id, video_path, contexts, index, logits}: numbers of frames, best first, and
their scores with two decimals, so equals are common. What a model that answers reads has only {doc_id, index}, the
chosen frames. Source: NVlabs/VideoITG, `lmms_eval/models/videoitg.py:VideoITG.generate_until`, README.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from whenabouts.files.atomic import replacing
from whenabouts.files.records import Row, read_lines
from whenabouts.selection.videoitg.ranking import by_score, chosen

__all__ = ["Result", "read_results", "write_chosen", "write_results"]

DECIMALS = 2  # of scores in the files


@dataclass(frozen=True, slots=True)
class Result:
    """Frames of one question.

    doc_id:     of the question in its benchmark
    index:      numbers of pictures, in the order of the file
    logits:     despite the name probabilities, one per number; empty in a file of chosen frames
    video_path: of the video on the machine that scored; contexts: the question as it was asked, with its options
    """

    doc_id: str | int
    index: tuple[int, ...]
    logits: tuple[float, ...] = ()
    video_path: str = ""
    contexts: str = ""

    @classmethod
    def of(cls, doc_id: str | int, numbers: Sequence[int], scores: Sequence[float], **where: str) -> Result:
        """Frames as the authors write them: best first, scores rounded, and equals then in the order of time."""
        rounded = [round(score, DECIMALS) for score in scores]
        order = by_score(numbers, rounded)
        return cls(doc_id, tuple(numbers[k] for k in order), tuple(rounded[k] for k in order), **where)

    def best(self, budget: int) -> tuple[int, ...]:
        """The numbers of the `budget` best frames, in the order of time; all, where nothing is said of scores."""
        if not self.logits:
            return tuple(sorted(self.index))
        return tuple(self.index[k] for k in chosen(self.index, self.logits, budget))


def read_results(path: Path) -> list[Result]:
    """Every row of a file of either kind. Raises InputError, AnnotationError with line and field."""
    return [_result(row) for row in read_lines(path)]


def write_results(path: Path, results: Iterable[Result]) -> None:
    """Write `results.jsonl`. Atomic."""
    _write(
        path,
        (
            {
                "doc_id": r.doc_id,
                "video_path": r.video_path,
                "contexts": r.contexts,
                "index": r.index,
                "logits": r.logits,
            }
            for r in results
        ),
    )


def write_chosen(path: Path, results: Iterable[Result], budget: int) -> None:
    """Write what a model that answers reads: the `budget` best frames of each, in the order of time. Atomic."""
    _write(path, ({"doc_id": r.doc_id, "index": r.best(budget)} for r in results))


def _write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    with replacing(path) as part:
        part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _result(row: Row) -> Result:
    index, logits = row.numbers("index"), row.numbers("logits") if "logits" in row else []
    if any(number < 0 or number != int(number) for number in index) or len(set(index)) < len(index):
        row.refuse("index", "must list different numbers of frames, from 0 on")
    if logits and len(logits) != len(index):
        row.refuse("logits", f"has {len(logits)} scores of {len(index)} frames")
    if any(not 0 <= score <= 1 for score in logits):
        row.refuse("logits", "must hold probabilities, from 0 to 1")
    words = {name: row.text(name) if name in row else "" for name in ("video_path", "contexts")}
    return Result(row.name("doc_id"), tuple(map(int, index)), tuple(logits), **words)
