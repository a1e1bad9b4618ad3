"""Files of VideoITG's results: written, read, and used as a selector."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import AnnotationError, InputError, ModelError
from whenabouts.selection import load_selector
from whenabouts.selection.videoitg.results import Result, read_results, write_chosen, write_results
from whenabouts.video.frame import Frame
from whenabouts.video.in_memory import InMemoryVideo
from whenabouts.video.part import Part

TIMES = [0.0, 0.4, 0.5, 2.0, 2.1, 5.0, 9.5]
VIDEO = InMemoryVideo([Frame(t, np.zeros((4, 4, 3), np.uint8)) for t in TIMES], 0.0, 10.0)
VIDEO.path = Path("clips/street.webm")
OFFICIAL = {  # a row as `VideoITG.generate_until` writes it, its keys in its order
    "index": [3, 0, 6, 1],
    "logits": [0.9, 0.5, 0.5, 0.01],
    "num_frames": 1,
    "contexts": "What colour is the car?\nA. red\nB. blue\nAnswer with the letter.",
    "video_path": "/data/videos/street.mp4",
    "doc_id": 12,
}


def rows(path: Path, *given: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in given))
    return path


def test_scores_are_rounded_before_equals_are_ordered(tmp_path: Path) -> None:
    made = Result.of("a", [0, 24, 48, 72], [0.101, 0.104, 0.7, 0.2], video_path="v.mp4", contexts="what?")
    write_results(tmp_path / "results.jsonl", [made])
    [line] = (tmp_path / "results.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "doc_id": "a",
        "video_path": "v.mp4",
        "contexts": "what?",
        "index": [48, 72, 0, 24],
        "logits": [0.7, 0.2, 0.1, 0.1],
    }
    assert read_results(tmp_path / "results.jsonl") == [made]
    write_chosen(tmp_path / "chosen.jsonl", [made], 3)
    assert json.loads((tmp_path / "chosen.jsonl").read_text()) == {"doc_id": "a", "index": [0, 48, 72]}


def test_a_row_is_found_by_video_and_question_and_its_times_are_true(tmp_path: Path) -> None:
    other = OFFICIAL | {"doc_id": 13, "contexts": "Who drives?"}
    path = rows(tmp_path / "results.jsonl", OFFICIAL, other, OFFICIAL | {"video_path": "another.mp4", "doc_id": 14})
    made = load_selector(f"videoitg:{path}").select(VIDEO, "what colour is the car?", 2)
    assert (made.times, made.scores, made.looked) == ((0.0, 2.0), (0.5, 0.9), 4)
    assert made.settings == {"model": str(path), "file": str(path), "doc_id": 12}
    every = load_selector("videoitg", model=str(path), doc_id="13").select(VIDEO, "anything", 9)
    assert every.times == (0.0, 0.4, 2.0, 9.5)


def test_numbers_are_those_of_the_whole_video_also_in_a_part(tmp_path: Path) -> None:
    every = OFFICIAL | {"index": [3, 0, 6, 4], "logits": [0.9, 0.8, 0.7, 0.6]}
    path = rows(tmp_path / "results.jsonl", every)
    selector = load_selector("videoitg", model=str(path), doc_id=12)
    part = Part(Part(VIDEO, 1.0, 9.0), 0.6, 7.0)  # from 1.6 to 8 s: pictures 2 (on show), 3, 4 and 5
    chosen = selector.select(part, "anything", 2)
    assert [round(time + 1.6, 6) for time in chosen.times] == [2.0, 2.1] and chosen.scores == (0.9, 0.6)
    empty = selector.select(Part(VIDEO, 5.5, 9.0), "anything", 2)
    assert empty.times == (0.0,) and "even distances" in empty.notes[0]


def test_chosen_frames_come_without_scores(tmp_path: Path) -> None:
    path = rows(tmp_path / "chosen.jsonl", {"doc_id": 1, "index": [5, 2]})
    selector = load_selector(f"videoitg:{path}", doc_id=1)
    assert selector.select(VIDEO, "x", 2).times == (0.5, 5.0)
    with pytest.raises(InputError, match="2 frames without scores, more than the 1"):
        selector.select(VIDEO, "x", 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"index": [1, 1, 2, 3]}, "line 1: the field index must list different numbers"),
        ({"index": [1, -1, 2, 3]}, "index must list different numbers"),
        ({"index": [1.5, 1, 2, 3]}, "index must list different numbers"),
        ({"index": "0"}, "index must be a list"),
        ({"logits": [1.0]}, "has 1 scores of 4 frames"),
        ({"logits": [2.0, 0, 0, 0]}, "must hold probabilities"),
        ({"doc_id": None}, "doc_id must be text or a whole number"),
    ],
)
def test_a_row_that_is_wrong_is_refused(tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    with pytest.raises(AnnotationError, match=sentence):
        read_results(rows(tmp_path / "results.jsonl", OFFICIAL | change))


def test_no_row_two_rows_and_the_row_of_another_file_are_refused(tmp_path: Path) -> None:
    path = rows(tmp_path / "results.jsonl", OFFICIAL, OFFICIAL, OFFICIAL | {"doc_id": 9, "index": [3, 0, 7, 1]})
    selector = load_selector(f"videoitg:{path}")
    with pytest.raises(InputError, match="has 3 rows of the question"):
        selector.select(VIDEO, "What colour is the car?", 2)
    with pytest.raises(InputError, match="has 0 rows of the question"):
        selector.select(VIDEO, "Where?", 2)
    with pytest.raises(InputError, match=r"names frame 7, and .* has 7 pictures"):
        load_selector(f"videoitg:{path}", doc_id=9).select(VIDEO, "x", 2)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="needs a model"):
        load_selector("videoitg")
    with pytest.raises(ModelError, match="does not exist"):
        load_selector(f"videoitg:{tmp_path / 'no.pt'}").select(VIDEO, "x", 2)
    with pytest.raises(InputError, match="at least one frame"):
        load_selector(f"videoitg:{rows(tmp_path / 'r.jsonl', OFFICIAL)}").select(VIDEO, "x", 0)
    with pytest.raises(InputError, match="a rate above 0"):
        load_selector("videoitg:x", fps=-1.0)
