"""`whenabouts clips`, and `find --clip --name`, as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import media
import pytest
from typer.testing import CliRunner

from whenabouts import Moment, Prediction
from whenabouts.cli.app import app


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("videos")
    for name in ("one.mp4", "two.mp4"):
        media.make_video(folder / name, fps=25, seconds=4)
    return [folder / "one.mp4", folder / "two.mp4"]


def run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*map(str, arguments)])
    return done.exit_code, done.stderr if done.exception is None else str(done.exception)


def test_saved_answers_on_several_videos_are_cut_by_their_names(videos: list[Path], tmp_path: Path) -> None:
    answers = [Prediction("a dog", (Moment(1, 2, 0.5),), 4.0, video=str(video)) for video in videos]
    answers.append(Prediction("a helicopter", (Moment(1, 2, 0.1),), 4.0, presence=0.1, video=str(videos[0])))
    (tmp_path / "a.json").write_text(json.dumps([each.to_dict() for each in answers]))
    code, told = run("clips", tmp_path / "a.json", "--to", tmp_path / "c", "--name", "{video}_{query}", "--pad", "0.5")
    assert code == 0, told
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["one_a-dog.mp4", "two_a-dog.mp4"]
    assert "no clip of “a helicopter”" in told


def test_a_wrong_template_is_told_before_a_video_is_searched(videos: list[Path], tmp_path: Path) -> None:
    code, told = run("find", videos[0], "bars", "--clip", tmp_path, "--name", "{vid}")
    assert code == 1 and "unknown field 'vid'; choose from: video, number" in told
