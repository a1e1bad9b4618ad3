"""Answers beside the truth: what was claimed, what failed, and where a search looked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from whenabouts.auditing.judged import judge
from whenabouts.errors import AnnotationError, InputError
from whenabouts.grounders.llm.papers import PARSERS


def rows(path: Path, *content: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in content))
    return path


TRUTH = [
    {"qid": n, "query": q, "vid": "v", "duration": 60, "relevant_windows": [[10, 20]]} for n, q in enumerate("abc")
]


def test_a_refusal_a_failure_and_an_answer_are_told_apart(tmp_path: Path) -> None:
    truth = rows(tmp_path / "t.jsonl", *TRUTH)
    given = rows(
        tmp_path / "mine.jsonl",
        {"qid": 0, "pred_relevant_windows": [[12, 20, 0.9], [1, 2, 0.5]], "shortlist": [[0, 30]]},
        {"qid": 1, "pred_relevant_windows": []},
        {"qid": 2, "pred_relevant_windows": [], "failure": "no time in the answer"},
    )
    judged = judge(given, str(truth))
    assert judged.name == "mine" and judged.report is judged.official
    assert {qid: windows.tolist() for qid, windows in judged.windows.items()} == {0: [[12, 20], [1, 2]], 1: []}
    assert {qid: regions.tolist() for qid, regions in judged.regions.items()} == {0: [[0, 30]]}
    assert [e.qid for e in judged.examples] == [0, 1, 2]


def test_official_figures_of_all_windows_stand_beside_a_report_of_the_first(data: Path) -> None:
    folder = data / "qvhighlights"
    judged = judge(folder / "qd_detr_val_preds.jsonl", "qvhighlights", folder / "highlight_val_release.jsonl")
    assert "MR-full-mAP" in judged.official.scores and "R1@0.5" in judged.report.scores
    assert len(judged.windows) == len(judged.examples) == 1550 and len(judged.train) == 7218
    assert min(map(len, judged.windows.values())) == 10


def test_a_benchmark_of_classes_has_no_ranked_moments(data: Path) -> None:
    folder = data / "thumos14"
    with pytest.raises(InputError, match="no moments to look into"):
        judge(folder / "synthetic_predictions.json", "thumos14", folder / "ground_truth.json")


def test_words_that_decline_are_no_words_that_cannot_be_read(tmp_path: Path) -> None:
    truth = rows(tmp_path / "t.jsonl", *TRUTH)
    said = ["The event is not in the video.", "I like it very much.", "From 20 to 10 seconds."]
    given = rows(tmp_path / "p.jsonl", *({"qid": n, "answer": words} for n, words in enumerate(said)))
    judged = judge(given, str(truth), parser=PARSERS.named("time-r1"))
    assert {qid: windows.tolist() for qid, windows in judged.windows.items()} == {0: []}


def test_queries_that_do_not_happen_are_at_hand(tmp_path: Path) -> None:
    absent = {"qid": 9, "query": "d", "vid": "v", "duration": 60, "relevant_windows": [], "absent": "colour"}
    truth = rows(tmp_path / "t.jsonl", *TRUTH, absent)
    given = rows(tmp_path / "p.jsonl", {"qid": 9, "pred_relevant_windows": [[1, 2]], "presence": 0.2})
    judged = judge(given, str(truth))
    assert [e.qid for e in judged.absent] == [9] and judged.doubted == {9} and 9 in judged.windows


def test_regions_that_are_none_are_refused(tmp_path: Path) -> None:
    truth = rows(tmp_path / "t.jsonl", *TRUTH)
    given = rows(tmp_path / "p.jsonl", {"qid": 0, "pred_relevant_windows": [[1, 2]], "shortlist": [1, 2]})
    with pytest.raises(AnnotationError, match="the field shortlist must be a list"):
        judge(given, str(truth))
