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
from whenabouts.errors import InputError

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


def test_answers_about_other_videos_are_left_out_and_told(video: Path, tmp_path: Path) -> None:
    moved = video.with_name("gone") / video.name
    about = {"here": str(video), "moved": str(moved), "unnamed": None, "windows": rf"C:\gone\{video.name}"}
    about |= {"url": f"https://example.com/{video.name}?token=1", "upload": f"/data/upload/1/8f3a2b1c-{video.name}"}
    mixed = [Prediction(name, (Moment(1.0, 2.0),), 4.0, video=path) for name, path in about.items()]
    other = Prediction("other", (Moment(1.0, 2.0),), 4.0, video="elsewhere/other.mp4")
    for name, rows in {"mixed": [*mixed, other], "others": [other]}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps([each.to_dict() for each in rows]))
    for command, out in (("transcript", "a.txt"), ("scenes", "a.csv")):
        _, told = run(command, video, "--answers", tmp_path / "mixed.json", "--to", tmp_path / out)
        text = (tmp_path / out).read_text("utf-8")
        assert all(name in text for name in about) and "other" not in text
        assert "answers about other videos are left out: 1 (elsewhere/other.mp4)" in told
        with pytest.raises(InputError, match=r"no answer is about .*talk\.mp4: they name elsewhere/other\.mp4"):
            run(command, video, "--answers", tmp_path / "others.json")
    late = Prediction("late", (Moment(50.0, 51.0),), 60.0)
    with pytest.raises(InputError, match=r"a moment at 50 s, but .* ends at 4 s"):
        whenabouts.transcript(video, answers=[late])


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
