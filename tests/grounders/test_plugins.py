"""Grounders of other packages: a class that keeps the protocol is enough, and what cannot be one is told of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from media import make_video

PLAIN = """
from whenabouts import Moment, Prediction

class Plain:
    def ground(self, video, queries):
        moments = (Moment(0, 1, 0.9), Moment(0.5, 1, 0.4), Moment(1, 2, 0.1))
        return [Prediction(query, moments, video.duration) for query in queries]

class Speedy(Plain):
    def __init__(self, speed):
        self.speed = speed

CONST = 5

class Silent: ...
"""
POINTS = """[whenabouts.grounders]
plain = plain_grounders:Plain
speedy = plain_grounders:Speedy
const = plain_grounders:CONST
silent = plain_grounders:Silent
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a video, and with a package of four entry points that processes find installed."""
    (tmp_path / "plain_grounders.py").write_text(PLAIN)
    about = tmp_path / "plain_grounders-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: plain-grounders\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    make_video(tmp_path / "v.mp4", seconds=2)
    return tmp_path


def _whenabouts(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("options", "scores"),
    [((), [0.9, 0.4, 0.1]), (("--top", "2"), [0.9, 0.4]), (("--threshold", "0.5", "--no-cache"), [0.9])],
)
def test_a_plain_class_answers_with_the_common_options(
    folder: Path, options: tuple[str, ...], scores: list[float]
) -> None:
    done = _whenabouts("find", folder / "v.mp4", "a cup", "--model", "plain", "--json", *options)
    assert done.returncode == 0, done.stderr
    assert [moment["score"] for moment in json.loads(done.stdout)[0]["moments"]] == scores


def test_a_plain_class_is_searched_with(folder: Path) -> None:
    done = _whenabouts("find", folder / "v.mp4", "a cup", "--model", "plain", "--search", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["receipt"]["settings"]["grounder"] == "Plain"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("plain", "--fps", "1"), "the model plain has no setting fps; leave it out"),
        (("speedy",), "the model speedy needs a speed; see `whenabouts models`"),
        (
            ("const",),
            "the model 'const' of the package plain-grounders cannot be loaded (plain_grounders:CONST is not a model); "
            "update that package or remove it",
        ),
        (
            ("silent",),
            "the model 'silent' of the package plain-grounders cannot be loaded (plain_grounders:Silent is not a "
            "model); update that package or remove it",
        ),
    ],
)
def test_what_cannot_answer_is_one_sentence(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = _whenabouts("find", folder / "v.mp4", "a cup", "--model", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"whenabouts: {sentence}\n")


@pytest.mark.usefixtures("folder")
def test_models_lists_the_rest() -> None:
    done = _whenabouts("models", "--json")
    names = [row["name"] for row in json.loads(done.stdout)]
    assert {"similarity", "plain", "qwen2.5-vl"} <= set(names) and not {"const", "silent"} & set(names)
    told = done.stderr.splitlines()
    assert len(told) == 2 and all(line.startswith("whenabouts: the model '") for line in told)
