"""`whenabouts stress`: a report as text, JSON and a page; what cannot be done is one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from media import make_video
from typer.testing import CliRunner

import whenabouts
from whenabouts.cli.app import app
from whenabouts.errors import InputError, WhenaboutsError

ASK = ["--evidence", "seen", "--fps", "1", "--no-cache"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("stress")
    make_video(made / "a.mp4", fps=4, seconds=4.0)
    rows = [{"vid": "a", "query": f"thing {n}", "relevant_windows": [[0, 1]] if n % 2 else []} for n in range(8)]
    (made / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return made


def stress(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["stress", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout


def test_a_video_gets_a_report(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    queries = [part for n in range(3) for part in ("-q", f"thing {n}")]
    said = json.loads(stress(folder / "a.mp4", *queries, *ASK, "--probes", "whole-video", "--json", "--out", page))
    assert said["model"] == "similarity" and said["subject"] == "a.mp4"
    assert said["settings"]["fps"] == 1.0 and "cache" not in said["settings"]
    assert [case["query"] for case in said["cases"]] == ["thing 0", "thing 1", "thing 2"]
    assert said["passed_over"]["whole-video"].startswith("3 answers")
    assert page.exists() and page.with_suffix(".answers.jsonl").read_text().count("\n") == 3


def test_a_benchmark_of_your_own_gets_a_report(folder: Path) -> None:
    said = stress(folder / "own.jsonl", "--videos", folder, *ASK, "--probes", "abstention", "--limit", "6")
    said = " ".join(said.split())
    assert "6 queries, 3 of which happen; videos: 1" in said
    assert "always-abstain" in said and "AUROC" in said
    assert "probes that were left out" in said


def test_a_flaw_fails_where_that_is_wished(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"vid": "a", "query": f"thing {n}", "relevant_windows": [[0, 1]] if n % 2 else []} for n in range(40)]
    (folder / "many.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = [folder / "many.jsonl", "--videos", folder, *ASK, "--probes", "whole-video"]
    stress(*arguments)
    assert stress(*arguments, "--fail-on-flaw")
    broken = ["--model", "openai:http://127.0.0.1:1#none", "--probes", "abstention"]
    rest = [folder / "own.jsonl", "--videos", folder, *broken]
    assert "Not looked at" in stress(*rest)
    stress(*rest, "--fail-on-flaw", code=1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "one of them only"),
        (["--synthetic", "own.jsonl"], "one of them only"),
        (["a.mp4"], "say what to ask"),
        (["own.jsonl", "-q", "x"], "has its own queries"),
        (["own.jsonl"], "the videos of own.jsonl are needed"),
        (["nothing", "--videos", "."], "unknown benchmark"),
        (["a.mp4", "-q", " "], "a query is empty"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], sentence: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(WhenaboutsError, match=sentence):
        CliRunner().invoke(app, ["stress", *(arguments or ["--limit", "3"])], catch_exceptions=False)


def test_python_has_the_same_door(folder: Path) -> None:
    report = whenabouts.stress(
        folder / "own.jsonl", videos=folder, evidence=["seen"], fps=1, cache=False, probes=["abstention"]
    )
    assert report.findings[0].probe == "abstention" and not report.failed
    with pytest.raises(InputError, match="has its own queries"):
        whenabouts.stress(folder / "own.jsonl", queries="x")
