"""VideoITG-40K as its training code reads it: `video_itg_data.json`, rows in the form of LLaVA.

A row has `video`, the path of a file; `conversations`, turns {from, value}, or `question`; and `clip_num`, the places
of the frames to be shown among those sampled at 1 frame a second, at most 1,024. Officially a sample that cannot be
read is replaced by a random one without a word; here it is refused. Source: NVlabs/VideoITG,
`train_itg.py:LazySupervisedDataset.__getitem__`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.errors import AnnotationError
from whenabouts.files.records import Row, read_json, read_rows
from whenabouts.selection.videoitg.sampling import TRAINING
from whenabouts.video import Video

__all__ = ["Instruction", "read_instructions", "row_of"]

MARK = "<image>"


@dataclass(frozen=True, slots=True)
class Instruction:
    """A question about a video, and the places of the frames that answer it, among those that are sampled."""

    video: str
    question: str
    clip_num: tuple[int, ...]
    where: str = ""

    def times(self, video: Video) -> list[float]:
        """When the pictures that are to be shown truly begin. Raises AnnotationError for a place beyond the video."""
        numbers = TRAINING.of(video)
        if self.clip_num and (last := self.clip_num[-1]) >= len(numbers):
            raise AnnotationError(
                f"{self.where}: clip_num names frame {last}, and {len(numbers)} are sampled of {video.path}"
            )
        return [float(video.times[numbers[place]]) for place in self.clip_num]


def read_instructions(path: Path) -> list[Instruction]:
    """Every row. Raises InputError, AnnotationError with entry and field."""
    return [_instruction(row) for row in read_rows(read_json(path), str(path))]


def row_of(instruction: Instruction, **more: Any) -> dict[str, Any]:
    """The row in the official form, with whatever else is known of it."""
    turns = [{"from": "human", "value": f"{MARK}\n"}, {"from": "gpt", "value": instruction.question}]
    return {
        "video": instruction.video,
        "conversations": turns,
        "clip_num": list(instruction.clip_num),
        **more,
    }


def _instruction(row: Row) -> Instruction:
    places = row.numbers("clip_num")
    if any(place < 0 or place != int(place) for place in places):
        row.refuse("clip_num", "must list places of frames, from 0 on")
    video, question = row.text("video"), _question(row)
    if not video or not question:
        row.refuse("conversations" if video else "video", "is empty")
    return Instruction(video, question, tuple(sorted({int(place) for place in places})), row.where)


def _question(row: Row) -> str:
    """What is asked: `question`, else officially the second of two turns, which is all that stays beside the frames."""
    if "question" in row:
        return row.text("question").replace(f"{MARK}\n", "").strip()
    turns = row.rows("conversations")
    if len(turns) != 2 or MARK not in turns[0].text("value"):
        row.refuse("conversations", f"must be two turns, the first with {MARK}")
    return turns[1].text("value").strip()
