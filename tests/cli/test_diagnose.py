"""`whenabouts diagnose`: each miss has its reason, and regions are used where the file names them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import AnnotationError

TRUTH = [{"vid": f"v{n}", "query": "x", "duration": 100.0, "relevant_windows": [[0, 10]]} for n in range(1, 6)]
ANSWERS = [
    {"qid": 1, "pred_relevant_windows": [[0, 9, 0.9]]},
    {"qid": 2, "pred_relevant_windows": [[8, 20, 0.9]]},
    {"qid": 3, "pred_relevant_windows": [[50, 60, 0.9], [0, 10, 0.8]]},
    {"qid": 4, "pred_relevant_windows": [[50, 60, 0.9]], "shortlist": [[40, 70]]},
    {"qid": 5, "pred_relevant_windows": [], "failure": "no times"},
]


def diagnose(tmp_path: Path, answers: list[dict[str, object]], *more: str) -> str:
    for name, rows in (("truth.jsonl", TRUTH), ("answers.jsonl", answers)):
        (tmp_path / name).write_text("\n".join(map(json.dumps, rows)))
    arguments = ["diagnose", str(tmp_path / "answers.jsonl"), "--benchmark", str(tmp_path / "truth.jsonl"), *more]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_every_miss_has_its_reason(tmp_path: Path) -> None:
    told = json.loads(diagnose(tmp_path, ANSWERS, "--json"))
    shares = {name: told[name] for name in ("hit", "localisation", "ranking", "search", "parse", "recognition")}
    assert shares == dict.fromkeys(shares, 0.2) | {"recognition": 0.0} and told["queries"] == 5


def test_without_regions_recognition_includes_search(tmp_path: Path) -> None:
    answers = [{name: value for name, value in row.items() if name != "shortlist"} for row in ANSWERS]
    assert "recognition includes search" in diagnose(tmp_path, answers)
    assert json.loads(diagnose(tmp_path, answers, "--json"))["recognition"] == 0.2


def test_a_bad_line_is_reported(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"answers\.jsonl, row 1: the field pred_relevant_windows is missing"):
        diagnose(tmp_path, [{"qid": 1}])
