"""Readers of benchmarks with queries that do not happen, by small files in the layout of the official folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whenabouts.benchmarks import Example, dataset
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.defects import check
from whenabouts.evaluation.statistics import stats


def written(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(map(json.dumps, content)) if path.suffix == ".jsonl" else json.dumps(content)
    path.write_text(lines)
    return path


def told(examples: tuple[Example, ...]) -> list[tuple[Any, ...]]:
    return [(e.qid, e.video, e.query, e.windows.tolist(), e.absent) for e in examples]


def test_na_vmr_in_its_folders(tmp_path: Path) -> None:
    rated: dict[str, Any] = {"relevant_clip_ids": [], "saliency_scores": [[]], "relevant_windows": [[0, 0]]}
    rows: list[dict[str, Any]] = [
        {"qid": "test0", "query": "a light", "duration": 31.0, "vid": "A", "relevant_windows": [[0, 30.4]]},
        {"qid": "test0", "query": "a light", "duration": 37.3, "vid": "B", **rated},
    ]
    written(tmp_path / "indomain/charades_id_pos_neg_test.jsonl", rows)
    near = dataset("na-charades").load(tmp_path, "in_domain").examples
    assert told(near) == [
        ("test0", "A", "a light", [[0.0, 30.4]], None),
        ("test0-neg", "B", "a light", [], "in-domain"),
    ]
    assert not check(near) and stats(near)["no_window_queries"] == 1
    foreign = {"qid": 33349, "query": "an osprey", "duration": 34.4, "vid": "C", **rated}
    written(tmp_path / "outofdomain/charades_ood_pos_neg_test.jsonl", [rows[0], foreign, foreign])
    far = dataset("na-charades").load(tmp_path, "out_of_domain").examples
    assert [e.qid for e in far] == ["test0", 33349, "33349-2"] and far[1].absent == "out-of-domain"


def test_tsg_rf(tmp_path: Path) -> None:
    sentences = [
        {"sentence": "turns it on", "id": "A-0000", "timestamp": [24.3, 30.4], "no_answer": False},
        {"sentence": "eats", "id": "B-1000", "timestamp": [], "no_answer": True},
    ]
    path = written(tmp_path / "charades_sta_test2.0.json", {"A": {"duration": 30.96, "sts": sentences}})
    examples = dataset("charades-rf").load(tmp_path).examples
    assert told(examples) == [
        ("A-0000", "A", "turns it on", [[24.3, 30.4]], None),
        ("B-1000", "A", "eats", [], "other video"),
    ]
    written(path, {"A": {"duration": 30.96, "sts": [sentences[0] | {"no_answer": True}]}})
    with pytest.raises(AnnotationError, match=r"A, sts 1: the field timestamp must be \[\]"):
        dataset("charades-rf").load(tmp_path)


def test_tsg_rf_takes_durations_from_the_file_beside_its_training_split(tmp_path: Path) -> None:
    (tmp_path / "charades_sta_train.txt").write_text("A 0.0 6.9##puts a book on a shelf.\nB 1 2##eats.\n")
    written(tmp_path / "charades.json", {"A": {"duration": 33.7, "actions": []}})
    assert [e.duration for e in dataset("charades-rf").load(tmp_path, "train").examples] == [33.7, None]


def test_hi_vtg(tmp_path: Path) -> None:
    asked = [
        {
            "q": "he runs.",
            "a": "<answer>9.3 to 14.4</answer>",
            "r": True,
            "q_origin": "he runs.",
            "difficulty": "original",
        },
        {
            "q": "he walks.",
            "a": "<answer>no</answer>",
            "r": False,
            "c": [],
            "q_origin": "he walks.",
            "difficulty": "hard",
        },
    ]
    row = {"video": "/d/Charades_v1/E.mp4", "query_text": "he runs.", "timestamp": [9.3, 14.4], "GRPO": asked}
    written(tmp_path / "hi_vtg_charades.json", [row])
    true, negative = dataset("hi-vtg").load(tmp_path).examples
    assert told((true, negative)) == [
        ("0-0", "E", "he runs.", [[9.3, 14.4]], None),
        ("0-1", "E", "he walks.", [], "edited"),
    ]
    assert (negative.difficulty, negative.original, negative.duration) == ("hard", "he runs.", None)
    assert (true.difficulty, true.original) == (None, None)
    written(tmp_path / "ss_vtg_qvhighlight.json", [row | {"video": "x_60.0_210.0.mp4"}])
    shuffled = dataset("hi-vtg").load(tmp_path, "ss_qvhighlights").examples[1]
    assert (shuffled.video, shuffled.absent, shuffled.original) == ("x_60.0_210.0", "other video", None)


def test_con(tmp_path: Path) -> None:
    wordings = {
        "A": ["a bag is put down"],
        "M": ["a bag is taken"],
        "C": {"Y": ["Is there a bag?"], "N": ["Is it empty?"]},
    }
    video = {
        "duration": 30.7,
        "sentences": ["puts a bag down"],
        "timestamps": [[2.9, 9.1]],
        "consistency_annotations": [wordings],
        "shifted_timestamps": [[13, 19.2]],
    }
    path = written(tmp_path / "charades_consistency_test.json", {"W": video})
    (example,) = dataset("charades-con").load(tmp_path).examples
    assert example.wordings is not None
    assert (example.wordings.aligned, example.wordings.no) == (("a bag is put down",), ("Is it empty?",))
    assert example.wordings.shifted == (13.0, 19.2)
    written(path, {"W": video | {"shifted_timestamps": []}})
    with pytest.raises(AnnotationError, match="shifted_timestamps has 0 entries for 1 sentences"):
        dataset("charades-con").load(tmp_path)


def test_a_row_of_ones_own_says_what_kind_of_negative_it_is(tmp_path: Path) -> None:
    rows = [
        {"vid": "a", "query": "a red car", "duration": 9.0, "relevant_windows": [[1, 2]]},
        {"vid": "a", "query": "a cat", "duration": 9.0, "relevant_windows": []},
        {"vid": "a", "query": "a dog", "duration": 9.0},
        {
            **{"vid": "a", "query": "a blue car", "duration": 9.0, "relevant_windows": []},
            **{"absent": "colour", "difficulty": "weak", "original": "a red car", "seed": 3},
        },
    ]
    path = written(tmp_path / "own.jsonl", rows)
    examples = dataset(path).load().examples
    assert [e.absent for e in examples] == [None, "absent", None, "colour"]
    assert (examples[3].difficulty, examples[3].original) == ("weak", "a red car")
    assert [d.kind for d in check(examples)] == ["no windows"], "only of the query that nobody looked for"
    written(path, [rows[0] | {"absent": "colour"}])
    with pytest.raises(AnnotationError, match=r"the field absent is said of a query that has windows"):
        dataset(path).load()
