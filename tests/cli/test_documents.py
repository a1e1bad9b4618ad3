"""`whenabouts transcript` and `whenabouts scenes` as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from media import draw
from subtitled import video as subtitled_video
from typer.testing import CliRunner

import whenabouts
from whenabouts import Moment, Prediction
from whenabouts.cli.app import app

LINES = [(1.0, 2.0, "ANNA: The budget was approved."), (2.6, 3.4, "Nobody reads it.")]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = [draw(0 if number < 50 else 65535) for number in range(100)]
    path = tmp_path_factory.mktemp("video") / "talk.mp4"
    return subtitled_video(path, seconds=4, fps=25, pictures=pictures, encoder="libx264", codec="mov_text", lines=LINES)


@pytest.fixture
def answers(video: Path, tmp_path: Path) -> Path:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps([Prediction("the budget", (Moment(1.0, 2.0, 0.8),), 4.0, video=str(video)).to_dict()]))
    return path


def run(*arguments: str | Path) -> tuple[str, str]:
    done = CliRunner().invoke(app, [*map(str, arguments), "--trusted"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout, done.stderr


def test_a_transcript_is_printed_and_written_with_its_moments(video: Path, answers: Path, tmp_path: Path) -> None:
    shown, _ = run("transcript", video)
    assert "[00:00:01:00] ANNA\nThe budget was approved. Nobody reads it.\n" in shown
    _, told = run("transcript", video, "--answers", answers, "--to", tmp_path / "a.txt")
    assert told == f"wrote {tmp_path / 'a.txt'}\n"
    assert "* the budget: 00:00:01:00 – 00:00:02:00 (0.80)" in (tmp_path / "a.txt").read_text("utf-8")


def test_shots_are_listed_and_moments_instead(video: Path, answers: Path, tmp_path: Path) -> None:
    shown, _ = run("scenes", video, "--json")
    assert [(row["start"], row["timecode"]) for row in json.loads(shown)] == [
        (0.0, ["00:00:00:00", "00:00:02:00"]),
        (2.0, ["00:00:02:00", "00:00:04:00"]),
    ]
    run("scenes", video, "--answers", answers, "--to", tmp_path / "a.html")
    assert "1. the budget" in (tmp_path / "a.html").read_text("utf-8")


def test_python_has_both(video: Path, tmp_path: Path) -> None:
    assert len(whenabouts.scenes(video, tmp_path / "a.csv").scenes) == 2
    answer = Prediction("the budget", (Moment(1.0, 2.0, 0.8),), 4.0)
    written = whenabouts.transcript(video, tmp_path / "a.txt", answers=[answer])
    assert len(written.parts) == 2 and (tmp_path / "a.txt").exists()
