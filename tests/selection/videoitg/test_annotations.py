"""Rows of VideoITG-40K."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whenabouts.errors import AnnotationError
from whenabouts.selection.videoitg.annotations import Instruction, read_instructions, row_of
from whenabouts.video.frame import Frame
from whenabouts.video.in_memory import InMemoryVideo

ROW: dict[str, Any] = {
    "video": "a/b.mp4",
    "conversations": [{"from": "human", "value": "<image>\n"}, {"from": "gpt", "value": "Who? A. he B. she"}],
    "clip_num": [4, 1, 4],
}


def file(path: Path, *rows: Any) -> Path:
    path.write_text(json.dumps(rows))
    return path


def test_both_forms_of_a_row(tmp_path: Path) -> None:
    other = {"video": "c.mp4", "question": "<image>\nWho?", "clip_num": [0]}
    first, second = read_instructions(file(tmp_path / "data.json", ROW, other))
    assert (first.video, first.question, first.clip_num) == ("a/b.mp4", "Who? A. he B. she", (1, 4))
    assert (second.question, second.clip_num) == ("Who?", (0,))
    assert read_instructions(file(tmp_path / "again.json", row_of(first, kind="semantic")))[0].clip_num == (1, 4)


def test_places_are_of_frames_sampled_once_a_second() -> None:
    frames = [Frame(0.3 + k / 4, np.zeros((4, 4, 3), np.uint8)) for k in range(40)]
    video = InMemoryVideo(frames, 0.0, 10.3)
    assert Instruction("v", "q", (0, 2)).times(video) == [0.3, 0.3 + 2]
    with pytest.raises(AnnotationError, match="clip_num names frame 10, and 10 are sampled"):
        Instruction("v", "q", (2, 10), "data.json, entry 1").times(video)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"clip_num": [-1]}, "entry 1: the field clip_num must list places"),
        ({"clip_num": [0.5]}, "clip_num must list places"),
        ({"clip_num": None}, "clip_num must be a list"),
        ({"video": ""}, "the field video is empty"),
        ({"conversations": []}, "conversations must be two turns"),
        ({"conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}]}, "the first with <image>"),
        ({"question": 3}, "question must be text"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_and_not_replaced(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AnnotationError, match=sentence):
        read_instructions(file(tmp_path / "data.json", ROW | change))
