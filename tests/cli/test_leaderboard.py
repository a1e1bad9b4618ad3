"""`whenabouts leaderboard`: what is printed, written and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

import whenabouts
from whenabouts.auditing.leaderboard.figure import datasets
from whenabouts.cli.app import app
from whenabouts.errors import WhenaboutsError


def printed(*arguments: str, **settings: str) -> str:
    done = CliRunner().invoke(app, ["leaderboard", *arguments], env=settings, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_without_a_data_set_those_there_are_are_listed() -> None:
    text = printed()
    assert all(name in text for name in datasets())
    assert {row["dataset"] for row in json.loads(printed("--json"))["datasets"]} == set(datasets())


def test_json_is_what_python_gives() -> None:
    board = whenabouts.leaderboard("charades-sta", setting="zero-shot", metric="mIoU")
    assert json.loads(printed("charades-sta", "--setting", "zero-shot", "--metric", "mIoU", "--json")) == json.loads(
        json.dumps(board.to_dict())
    )


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_a_board_fits_the_terminal(columns: int) -> None:
    lines = printed("charades-sta", COLUMNS=str(columns)).splitlines()
    assert any("blind: vote of similar" in line for line in lines) or columns < 60
    assert max(map(cell_len, lines)) <= columns


def test_a_page_is_written_and_says_where_figures_were_read(tmp_path: Path) -> None:
    page = tmp_path / "board.html"
    printed("tvgbench", "--out", str(page))
    text = page.read_text("utf-8")
    assert "README of xiaomi-research/time-r1" in text and "168 of the 800 queries" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["charadessta2"], "did you mean charades-sta"),
        (["tacos", "--place", "missing.jsonl", "--ground-truth", "."], "the test split of tacos"),
        (["--place", "missing.jsonl"], "name a data set"),
        (["tacos", "--metric", ""], "has the metric ''"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments: list[str], said: str) -> None:
    with pytest.raises(WhenaboutsError, match=said):
        CliRunner().invoke(app, ["leaderboard", *arguments], catch_exceptions=False)


@pytest.mark.parametrize("command", ["audit", "diagnose", "compare", "leaderboard", "stress"])
@pytest.mark.parametrize("name", ["x.pdf", "x", "x.html.gz"])
def test_a_page_is_written_to_nothing_but_html(command: str, name: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [command, "--out", str(tmp_path / name)])
    assert "the page is HTML; give it a name that ends in .html" in str(result.exception or result.output)
    assert not (tmp_path / name).exists()
