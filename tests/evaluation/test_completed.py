"""Submissions that lack something are scored, and what is missing is counted and told; what looks wrong is told too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.report import Report

QIDS = range(1, 11)
Row = dict[str, Any]


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """Ten queries on videos of 20 s, of which clips 1 to 4 are what is asked for."""
    about = {"query": "a dog", "duration": 20, "relevant_windows": [[2, 10]]}
    rated = {"relevant_clip_ids": [1, 2, 3, 4], "saliency_scores": [[4, 4, 4]] * 4}
    path = tmp_path / "truth.jsonl"
    path.write_text("".join(json.dumps({"qid": qid, "vid": f"v{qid}", **about, **rated}) + "\n" for qid in QIDS))
    return path


def right(qid: int) -> Row:
    windows = [[2.0, 10.0, 0.9], [12.0, 20.0, 0.1]]
    return {"qid": qid, "pred_relevant_windows": windows, "pred_saliency_scores": [0, 9, 8, 7, 6, 1, 1, 1, 1, 1]}


def scored(truth: Path, change: Callable[[Row], Any], changed: int = 2) -> Report:
    rows = [right(qid) for qid in QIDS]
    for row in rows[:changed]:
        change(row)
    return evaluate([row for row in rows if row], "qvhighlights", truth, official="lighthouse")


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.update(pred_relevant_windows=[]),
        lambda row: row.pop("pred_relevant_windows"),
        lambda row: row.update(pred_relevant_windows=None),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_query_without_windows_is_a_miss_also_in_the_first_row(truth: Path, change: Callable[[Row], Any]) -> None:
    report = scored(truth, change)
    assert report.scores["MR-full-mAP"] == report.scores["MR-full-R1@0.7"] == 80
    assert report.scores["HL-min-VeryGood-mAP"] == 100
    assert report.notes == ("2 queries have no answer and count as misses",)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_query_without_a_row_is_a_miss(truth: Path) -> None:
    report = scored(truth, dict.clear)
    assert report.scores["MR-full-mAP"] == 80 and report.scores["HL-min-VeryGood-Hit1"] == 80
    assert report.notes == (
        "2 queries have no answer and count as misses",
        "2 queries have no saliency; their clips count as alike",
    )


def test_qids_in_words_are_the_same(truth: Path) -> None:
    assert scored(truth, lambda row: row.update(qid=str(row["qid"])), 10).scores["MR-full-mAP"] == 100


def windows(found: list[list[float]]) -> Callable[[Row], None]:
    return lambda row: row.update(pred_relevant_windows=found)


@pytest.mark.parametrize(
    ("change", "changed", "note"),
    [
        (windows([[0.1, 0.5, 0.9]]), 10, "inside [0, 1] (10 of 10); times must be seconds, not shares of the video"),
        (windows([[60, 300, 0.9]]), 10, "beyond the end of their video (10 of 10); times must be seconds"),
        (windows([[-5, 9, 0.9]]), 3, "3 of 17 predicted windows begin before 0"),
        (windows([[500, 900, 0.9]]), 3, "3 of 17 predicted windows begin after the end of their video"),
        (windows([[0, 9, 0.9, 4]]), 3, "3 of 17 predicted windows have more numbers than a start, an end and a score"),
        (windows([[12, 20, 0.1], [2, 10, 0.9]]), 3, "3 rows have a window with a better score than their first"),
        (lambda row: row.update(vid="other"), 4, "4 rows have another vid or query than the annotations"),
        (
            lambda row: row.update(pred_saliency_scores=[1.0] * 5),
            3,
            "fewer saliency values than clips of 2 s in 3 of 10",
        ),
        (
            lambda row: row.update(pred_saliency_scores=[1.0] * 40),
            9,
            "more saliency values than clips of 2 s in 9 of 10",
        ),
        (windows([[4, 4, 0.9], [2, 10, 0.5]]), 2, "2 predicted windows have no length; each of them is a miss"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_hardly_meant_is_told(truth: Path, change: Callable[[Row], Any], changed: int, note: str) -> None:
    told = scored(truth, change, changed).notes
    assert len(told) == 1 and note in told[0], told


def test_nothing_is_told_of_a_regular_submission(truth: Path, recwarn: pytest.WarningsRecorder) -> None:
    assert scored(truth, lambda row: None).notes == () and not len(recwarn)
