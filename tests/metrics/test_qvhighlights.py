"""The QVHighlights evaluators against their own answers: every number, every quirk."""

from __future__ import annotations

import csv
import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from whenabouts.errors import AnnotationError, OfficialCrash
from whenabouts.metrics.checks import check_windows
from whenabouts.metrics.qvhighlights import DIALECTS, evaluate

FILES = {
    "md_sample": ("moment_detr_val_preds.jsonl", "moment_detr"),
    "lighthouse_sample": ("moment_detr_val_preds.jsonl", "lighthouse"),
    "qd_video_checkpoint_best_hl_val_preds": ("qd_detr_val_preds.jsonl", "moment_detr"),
}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def flat(section: dict[str, Any], prefix: str = "") -> dict[str, float]:
    numbers: dict[str, float] = {}
    for key, value in section.items():
        numbers |= flat(value, f"{prefix}{key}/") if isinstance(value, dict) else {prefix + key: value}
    return numbers


@pytest.mark.parametrize("run", FILES)
def test_every_official_number_is_reproduced(data: Path, run: str) -> None:
    name, dialect = FILES[run]
    with (data / "evaluators" / "expected_values.csv").open() as file:
        wanted = {row["metric"]: float(row["value"]) for row in csv.DictReader(file) if row["run"] == run}
    got = evaluate(rows(data / "qvhighlights" / name), truth(data), dialect=dialect)
    assert flat(got) == wanted and len(wanted) in (38, 104)


@pytest.mark.parametrize("name", ["moment_detr", "qd_detr"])
def test_the_shipped_metrics_are_reproduced(data: Path, name: str) -> None:
    shipped = json.loads((data / "qvhighlights" / f"{name}_val_metrics.json").read_text())
    got = evaluate(rows(data / "qvhighlights" / f"{name}_val_preds.jsonl"), truth(data))
    assert flat(got) == flat(shipped)
    assert list(got["brief"]) == list(shipped["brief"])


def truth(data: Path) -> list[dict[str, Any]]:
    return rows(data / "qvhighlights" / "highlight_val_release.jsonl")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_degenerate_submission_gets_the_official_answer(data: Path, dialect: str) -> None:
    cases = json.loads((data / "evaluators" / f"edge_cases_{dialect}.json").read_text())["cases"]
    assert len(cases) >= 15
    for name, case in cases.items():
        try:
            answer = evaluate(case["submission"], case["gt"], dialect=dialect, strict_official=True)
        except OfficialCrash as crash:
            # the recorded texts of exceptions end after 120 characters
            assert isinstance(case["official"], str) and str(crash).startswith(case["official"]), name
        else:
            assert json.loads(json.dumps(answer)) == case["official"], name


GOOD = {"qid": 1, "pred_relevant_windows": [[0, 20, 0.9]], "pred_saliency_scores": [0.5] * 75}
TRUTH = {
    "qid": 1,
    "duration": 150,
    "relevant_windows": [[0, 20]],
    "relevant_clip_ids": list(range(10)),
    "saliency_scores": [[4, 3, 2]] * 10,
}


@pytest.mark.parametrize("window", [[20, 0, 0.9], [float("nan"), 20, 0.9], [0, 20], ["0", 20, 0.9]])
def test_what_official_code_scores_by_accident_is_refused_by_name(window: list[Any]) -> None:
    with pytest.raises(AnnotationError, match="qid 1"):
        evaluate([{**GOOD, "pred_relevant_windows": [window]}], [TRUTH])


def test_the_inverted_window_exploit_is_a_hit_only_officially() -> None:
    cheat = {**GOOD, "pred_relevant_windows": [[120, 100, 0.9]]}
    two = [{**TRUTH, "qid": qid, "relevant_windows": w} for qid, w in enumerate([[[0, 20]], [[0, 8]], [[0, 40]]])]
    submission = [{**cheat, "qid": 0}, {**GOOD, "qid": 1}, {**GOOD, "qid": 2}]
    official = evaluate(submission, two, strict_official=True)
    assert official["middle"]["MR-mAP"]["0.95"] == 100.0
    with pytest.raises(AnnotationError, match="ends before it starts"):
        evaluate(submission, two)


def test_a_bucket_without_queries_is_left_out_with_a_word() -> None:
    with pytest.warns(UserWarning, match="bucket 'short'"), warnings.catch_warnings():
        warnings.simplefilter("always")
        answer = evaluate([GOOD], [TRUTH])
    assert "short" not in answer and answer["full"]["MR-R1"]["0.95"] == 100.0


def test_windows_that_are_text_are_named() -> None:
    with pytest.raises(AnnotationError, match=r"list of \[start, end, score\] in seconds, not \['35', '70', '0\.9'\]$"):
        check_windows([[0, 35, 0.9], ["35", "70", "0.9"]], "row 1", columns=3)
