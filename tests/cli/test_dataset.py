"""`whenabouts dataset`: numbers, defects and descriptions, as JSON and as text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import InputError


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["dataset", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_stats_as_json_are_those_measured(data: Path) -> None:
    numbers = json.loads(run("stats", "qvhighlights", "--data", str(data), "--json"))
    entries = json.loads((data / "evaluators" / "dataset_stats.json").read_text())
    [measured] = [e for e in entries if e["name"] == "qvhighlights/val"]
    same = {k: v for k, v in measured.items() if k not in {"file", "bytes"}}
    assert {k: numbers[k] for k in same} == same


def test_check_tells_defects_and_leaks(data: Path) -> None:
    report = json.loads(run("check", "activitynet-captions", "--data", str(data), "--split", "val_2", "--json"))
    assert [d["kind"] for d in report["defects"]] == ["beyond the end"]
    assert report["leaks"]["val_1"]["videos"] == 4885 and report["leaks"]["train"]["videos"] == 0
    text = run("check", "activitynet-captions", "--data", str(data), "--split", "val_2")
    assert "shared with val_1: 9 of 17031 queries, 4885 videos" in text


def test_check_compares_with_a_foreign_training_file(data: Path, tmp_path: Path) -> None:
    """The leak of Charades-CD: test rows that are training rows of Charades-STA."""
    (tmp_path / "ood.txt").write_text("AO8RW 0.0 6.9##a person is putting a book on a shelf.\n")
    train = str(data / "charades_sta" / "charades_sta_train.txt")
    arguments = ("check", "charades-cd", "--data", str(tmp_path / "ood.txt"), "--train", train, "--json")
    assert json.loads(run(*arguments))["leaks"][train]["queries"] == 1


def test_show_describes_every_benchmark(data: Path) -> None:
    assert "CC BY-NC-SA" in run("show", "qvhighlights")
    shown = json.loads(run("show", "tacos", "--data", str(data), "--limit", "1", "--json"))
    assert shown["protocol"] == "2d-tan" and len(shown["examples"]) == 1


def test_a_wrong_name_lists_the_right_ones() -> None:
    with pytest.raises(InputError, match="choose one of: qvhighlights"):
        CliRunner().invoke(app, ["dataset", "stats", "qvh"], catch_exceptions=False)
