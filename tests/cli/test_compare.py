"""`whenabouts compare`: text, JSON, a page, rows for the next program, and refusals in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import WhenaboutsError


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    truth, first, second = (tmp_path / name for name in ("truth.jsonl", "first.jsonl", "second.jsonl"))
    rows = [
        {"qid": i, "vid": f"v{i % 7}", "query": f"query {i}", "duration": 60, "relevant_windows": [[10, 20]]}
        for i in range(21)
    ]
    truth.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for path, start in ((first, 30), (second, 11)):
        path.write_text(
            "".join(json.dumps({"qid": i, "pred_relevant_windows": [[start, start + 9, 1]]}) + "\n" for i in range(21))
        )
    return [str(first), str(second), str(truth)]


def ran(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["compare", *arguments], catch_exceptions=False)
    return done.exit_code, done.stdout


def test_verdicts_come_first(files: list[str]) -> None:
    code, out = ran(*files)
    assert code == 0
    assert out.index("second is better than first at R1@0.5 by 100.0 points (100.0 to 100.0)") < out.index("Figures")


def test_json_page_and_rows_hold_the_same(files: list[str], tmp_path: Path) -> None:
    page, rows = tmp_path / "page.html", tmp_path / "rows.jsonl"
    code, out = ran(*files, "--json", "--out", str(page), "--save", str(rows), "--names", "one", "--names", "two")
    assert code == 0
    found = json.loads(out)
    assert found["systems"] == ["one", "two"]
    assert found["comparisons"][0]["outcomes"] == {"gained": 21, "lost": 0, "both": 0, "neither": 0}
    assert [json.loads(line)["outcome"] for line in rows.read_text().splitlines()] == ["gained"] * 21
    assert "two is better than one at R1@0.5" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["0", "2"], "compare needs two files of answers or more"),
        (["0", "1", "no-such"], "no-such"),
        (["0", "none.jsonl", "2"], "none.jsonl does not exist"),
        (["0", "1", "2", "--references", "0"], "first.jsonl, line 1"),
        (["0", "1", "2", "--save", "1"], "is a file that is read here"),
        (["0", "1", "thumos14"], "compare looks at single queries"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_sentence(files: list[str], arguments: list[str], said: str) -> None:
    given = [files[int(word)] if word.isdigit() else word for word in arguments]
    with pytest.raises(WhenaboutsError) as refused:
        ran(*given)
    assert said in str(refused.value)
