"""`whenabouts stringout` on predictions and on hits of a library search."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import media
import pytest
from typer.testing import CliRunner

import whenabouts
from whenabouts import Moment, Prediction
from whenabouts.cli.app import app
from whenabouts.errors import InputError
from whenabouts.library.search import Hit


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("videos")
    media.make_video(folder / "one.mp4", fps=25, seconds=4, audio=(0.0, 4.0))
    varying = [k / 25 + (k % 3) / 90 for k in range(100)]
    media.make_video(folder / "two.mp4", times=varying)
    return [folder / "one.mp4", folder / "two.mp4"]


def run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["stringout", *map(str, arguments)])
    return done.exit_code, done.stderr if done.exception is None else str(done.exception)


def events(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines() if line[:3].isdigit()]


def test_predictions_and_hits_make_one_timeline(videos: list[Path], tmp_path: Path) -> None:
    one, two = videos
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps([Prediction("a dog", (Moment(1, 2, 0.5),), 4.0, video=str(one)).to_dict()]))
    hits = tmp_path / "cats.json"
    found = [Hit(str(two), Moment(2, 3, 0.9)), Hit(str(one), Moment(2.2, 3, 0.7))]
    hits.write_text(json.dumps([asdict(hit) for hit in found]))
    out = tmp_path / "selects.edl"
    code, told = run(answers, hits, "--to", out, "--handles", "0.2")
    assert code == 0, told
    assert "two.mp4 has a variable frame rate" in told and f"wrote {out}" in told
    assert [row[1:3] + row[4:6] for row in events(out)] == [
        ["ONE", "B", "00:00:00:20", "00:00:02:02"],
        ["ONE", "B", "00:00:02:02", "00:00:03:05"],
        ["TWO", "V", "00:00:01:20", "00:00:03:05"],
    ]
    assert "COMMENT: cats, likely, rank 1, score 0.900" in out.read_text()
    run(answers, hits, "--to", out, "--order", "score", "--start", "00:00:00:00")
    assert [row[1] for row in events(out)] == ["TWO", "ONE", "ONE"]
    assert events(out)[0][6] == "00:00:00:00"


def test_a_format_without_cuts_is_said_before_a_video_is_opened(tmp_path: Path) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps([Prediction("a dog", (Moment(1, 2),), 4.0, video="gone.mp4").to_dict()]))
    code, told = run(answers, "--to", tmp_path / "a.srt")
    assert code == 1 and ".srt holds no timeline of cuts" in told
    code, told = run(answers, "--to", tmp_path / "a.edl")
    assert code == 1 and "gone.mp4" in told


def test_a_damaged_file_of_hits_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "hits.json").write_text('[{"path": "a.mp4", "moment": {"start": 3, "end": "x"}}]')
    code, told = run(tmp_path / "hits.json", "--to", tmp_path / "a.otio")
    assert code == 1 and "hit 1: the field moment.end" in told


def test_python_has_the_same(videos: list[Path], tmp_path: Path) -> None:
    answer = Prediction("a dog", (Moment(1, 2, 0.5),), 4.0, video=str(videos[0]))
    path = whenabouts.stringout(answer, tmp_path / "dog.otio", handles=0.5)
    [mark] = whenabouts.read(path)
    assert mark.moments == (Moment(1, 2, 0.5),)
    with pytest.raises(InputError, match="has no path of its video"):
        whenabouts.stringout(Prediction("a dog", (Moment(1, 2),), 4.0), tmp_path / "dog.edl")
