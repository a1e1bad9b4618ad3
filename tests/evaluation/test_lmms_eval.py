"""Logs of lmms-eval are read as answers, and what is written is read and scored alike by lmms-eval's own code.

The rows below are what lmms-eval 0.7 wrote: `loggers/evaluation_tracker.py: save_results_samples` on the
`process_results` of the three tasks. The figures are those of their aggregations.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.benchmarks import Example, dataset
from whenabouts.commands import Evaluate
from whenabouts.errors import AnnotationError, InputError
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.lmms_eval import TASKS, sample, task_for, write_samples
from whenabouts.evaluation.predictions import read_answers, read_words

WORDS = ["The event happens in 24.0 - 31.0 seconds.", "From 0:04 to 0:00.", "I cannot tell."]
ASKED: list[tuple[str, str, list[float]]] = [
    ("a", "person turn a light on", [24.3, 30.4]),
    ("a", "person sits down", [0.0, 5.0]),
    ("b", "a person sneezes", [3.0, 9.5]),
]
EXAMPLES = [Example(i, video, query, np.array([window]), 31.0) for i, (video, query, window) in enumerate(ASKED)]
BY_NAME = {task.name: task for task in TASKS}
FIGURES = {  # R1@0.3, R1@0.5, R1@0.7, mIoU in per cent
    "temporal_grounding_charades": (66.66666666666667, 66.66666666666667, 66.66666666666667, 55.714285714285715),
    "timelens_charades": (33.333333333333336, 33.333333333333336, 33.333333333333336, 29.047619047619037),
    "extremewhenbench": (66.66666666666666, 66.66666666666666, 66.66666666666666, 55.71428571428571),
}
HASHES = {
    "temporal_grounding_charades": "8437e8c1d2a9503438d0d32c4c3bd6d3c792c3f3eb18cc53f3319ddadaf630dd",
    "timelens_charades": "e33b21c87984e6e3b7e2c719427b82a524ebeb9fab258c3718f4661008d4bf3b",
    "extremewhenbench": "d09d7701ebb9fd26ea0e45085e7131a3d2a06a401b38978bc83f67d5f80f3073",
}
KEYS = {
    "temporal_grounding_charades": [
        "a.mp4>>>person turn a light on.>>>[24.3, 30.4]",
        "a.mp4>>>person sits down>>>[0.0, 5.0]",
        "b.mp4>>>a person sneezes>>>[3.0, 9.5]",
    ],
    "timelens_charades": [
        "charades/a.mp4>>>person turn a light on>>>[[24.3, 30.4]]",
        "charades/a.mp4>>>person sits down>>>[[0.0, 5.0]]",
        "charades/b.mp4>>>a person sneezes>>>[[3.0, 9.5]]",
    ],
}
RECORDS = [
    {"qid": "q1", "video_id": "a", "source_corpus": "MLVU", "pred_raw": WORDS[0], "pred_interval": [24.0, 31.0],
     "gt": [24.3, 30.4], "iou": 0.8714285714285711, "parsed": True},
    {"qid": "q2", "video_id": "a", "source_corpus": "MLVU", "pred_raw": WORDS[1], "pred_interval": [0.0, 4.0],
     "gt": [0.0, 5.0], "iou": 0.8, "parsed": True},
    {"qid": "q3", "video_id": "b", "source_corpus": "LVBench", "pred_raw": WORDS[2], "pred_interval": None,
     "gt": [3.0, 9.5], "iou": 0.0, "parsed": False},
]  # fmt: skip


def official(name: str) -> str:
    """The log that lmms-eval wrote."""
    values: list[Any] = RECORDS if name not in KEYS else [{k: w} for k, w in zip(KEYS[name], WORDS, strict=True)]
    rows = [
        {"doc_id": i, "target": "[0.0, 1.0]", "filtered_resps": WORDS[i], "token_counts": [{"output_tokens": 12}]}
        | {"doc_hash": HASHES[name]}
        | dict.fromkeys(BY_NAME[name].metrics, value)
        | {"input": "…"}
        for i, value in enumerate(values)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def annotations(name: str, folder: Path) -> Path:
    """The same three queries in the format of the task's data set."""
    if name == "temporal_grounding_charades":
        path = folder / "charades_sta_test.txt"
        path.write_text("".join(f"{v} {w[0]} {w[1]}##{q}.\n" for v, q, w in ASKED))
    elif name == "timelens_charades":
        path = folder / "charades-timelens.json"
        videos: dict[str, dict[str, Any]] = {}
        for video, query, window in ASKED:
            of_one = videos.setdefault(video, {"duration": 31.0, "spans": [], "queries": []})
            of_one["spans"].append(window)
            of_one["queries"].append(query)
        path.write_text(json.dumps(videos))
    else:
        path = folder / "test.jsonl"
        rows = [
            {"qid": f"q{i}", "video_id": video, "question": query, "correct_interval": window, "video_duration_s": 31.0}
            for i, (video, query, window) in enumerate(ASKED, 1)
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_log_of_lmms_eval_has_the_figures_of_lmms_eval(name: str, tmp_path: Path) -> None:
    task, log = BY_NAME[name], tmp_path / "20261126_000000_samples.jsonl"
    log.write_text(official(name))
    truth = annotations(name, tmp_path)
    report = evaluate(log, task.benchmark, truth, split=task.split, protocol=task.protocol)
    expected = dict(zip(("R1@0.3", "R1@0.5", "R1@0.7", "mIoU"), FIGURES[name], strict=True))
    assert report.scores == pytest.approx(expected, abs=1e-9)
    assert any(f"read by its parser {task.parser}" in note for note in report.notes)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_answers_make_the_round_trip(name: str, tmp_path: Path) -> None:
    task, truth, log = BY_NAME[name], annotations(name, tmp_path), tmp_path / "log.jsonl"
    examples = dataset(task.benchmark).load(truth, task.split).examples
    mine = [{"qid": e.qid, "said": [words]} for e, words in zip(examples, WORDS, strict=True)]
    report = Evaluate.of(
        predictions=mine, benchmark=task.benchmark, truth=truth, split=task.split, protocol=task.protocol,
        parser=task.parser, lmms_log=log,
    ).run()  # fmt: skip
    again = evaluate(log, task.benchmark, truth, split=task.split, protocol=task.protocol)
    assert again.scores == report.scores == pytest.approx(dict(zip(report.scores, FIGURES[name], strict=True)))
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    wrote = [json.loads(line) for line in official(name).splitlines()]
    assert all(set(row) == {*old, "doc"} for row, old in zip(rows, wrote, strict=True))
    if name == "extremewhenbench":
        assert [row["ewb_mIoU"] | {"source_corpus": ""} for row in wrote] == [row["ewb_mIoU"] for row in rows]


@given(st.lists(st.text(), min_size=3, max_size=3))
def test_any_words_make_the_round_trip(said: list[str]) -> None:
    for task in TASKS:
        rows = [sample(task, i, e, words) for i, (e, words) in enumerate(zip(EXAMPLES, said, strict=True))]
        assert read_words(json.loads(json.dumps(rows)), EXAMPLES) == dict(enumerate(said))


@given(st.sampled_from(["look >>> he sits", ">>>", "a > b >"]) | st.text(alphabet="a> ", min_size=1))
def test_a_query_may_have_the_marks_that_part_a_key(query: str) -> None:
    asked = [Example("one", "a", query, np.array([[1.0, 2.0]]), 31.0)]
    for task in TASKS:
        assert read_words([sample(task, 0, asked[0], "1 - 2")], asked) == {"one": "1 - 2"}


def test_one_sentence_with_two_windows_is_told_apart_by_the_window(tmp_path: Path) -> None:
    twice = [Example(i, "a", "he sits", np.array([[10.0 * i, 10.0 * i + 5]]), 31.0) for i in (1, 2)]
    write_samples(tmp_path / "log.jsonl", TASKS[0], twice, {2: "20 - 25", 1: "10 - 15"})
    assert read_words(tmp_path / "log.jsonl", twice) == {1: "10 - 15", 2: "20 - 25"}


def test_windows_without_words_become_a_sentence() -> None:
    assert read_words([{"qid": 1, "windows": [[2.5, 4]]}, {"qid": 2, "windows": []}], EXAMPLES) == {
        1: "The event happens in 2.5 - 4.0 seconds.",
        2: "",
    }


def test_foreign_logs_and_foreign_queries_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no task for tacos"):
        task_for("tacos", "test")
    row = sample(TASKS[0], 0, EXAMPLES[0], "1 - 2")
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps({"doc_id": 0, "filtered_resps": "A", "mmmu_acc": 1.0}) + "\n")
    with pytest.raises(AnnotationError, match=r"log\.jsonl: this is a log of lmms-eval, but of none of its tasks"):
        read_answers(log, EXAMPLES)
    with pytest.raises(AnnotationError, match=r"'a.mp4: person turn a light on' is not in the ground truth"):
        read_words_of_others([row])
    with pytest.raises(AnnotationError, match=r"entry 2: the field doc_id is missing"):
        read_words([row, {"qid": 1}], EXAMPLES)
    for broken in ([], {"a.mp4>>>no window": "1 - 2"}, {"a>>>b>>>[1, 2]": 3}):
        with pytest.raises(AnnotationError, match="charades_sta_IOU@3 must"):
            read_words([row | {"charades_sta_IOU@3": broken}], EXAMPLES)


def read_words_of_others(rows: list[dict[str, Any]]) -> None:
    read_answers(rows, [Example(9, "z", "another", np.array([[0.0, 1.0]]), 2.0)], TASKS[0].reader)
