"""The examples run as their docstrings say."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from media import make_video
from serving import Server, serving

EXAMPLES = Path(__file__).parents[1] / "examples"
CLIENT = EXAMPLES / "client.py"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    make_video(folder / "talk.mp4", seconds=2)
    return folder


def test_the_client_uploads_a_video_and_finds_moments(house: Path) -> None:
    pytest.importorskip("fastapi")
    with serving("--data", house / "data", WHENABOUTS_TOKEN="secret") as server:
        _by_import(server, house)
        command = [sys.executable, str(CLIENT), server.address, str(house / "talk.mp4"), "black and white bars"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=os.environ | {"WHENABOUTS_TOKEN": "secret"}
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[0].endswith("black and white bars")


def _by_import(server: Server, house: Path) -> None:
    client = runpy.run_path(str(CLIENT))["Client"](server.address, "secret")
    steps: list[str] = []
    video = str(house / "talk.mp4")
    answer = client.find(video, "white bars", top=1, evidence=["seen"], progress=lambda step, _: steps.append(step))
    assert answer["query"] == "white bars" and len(answer["moments"]) == 1 and answer["video"] == "talk.mp4"
    assert steps
    assert [p["query"] for p in client.find(video, "a", "b", evidence=["seen"])["predictions"]] == ["a", "b"]
    with pytest.raises(RuntimeError, match="does not allow"):
        client.find(video, "x", model="openai:http://10.0.0.1/#x")


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the example plugin is installed, as pip installs a package that somebody publishes."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("plugin")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [*install, "--target", str(folder), str(EXAMPLES / "plugin")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def _whenabouts(plugin: Path, *arguments: str | Path) -> str:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(plugin), *sys.path])}
    command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_plugin_adds_a_grounder(plugin: Path, house: Path) -> None:
    listed = json.loads(_whenabouts(plugin, "models", "--json"))
    assert "middle" in [row["name"] for row in listed]
    [answer] = json.loads(_whenabouts(plugin, "find", house / "talk.mp4", "a cup", "--model", "middle", "--json"))
    [moment] = answer["moments"]
    assert (moment["start"], moment["end"]) == pytest.approx((2 / 3, 4 / 3))
    assert answer["receipt"]["grounder"] == "middle" and answer["receipt"]["settings"]["share"] == pytest.approx(1 / 3)


def test_a_plugin_adds_evidence_and_an_encoder(plugin: Path, house: Path) -> None:
    (house / "talk.notes").write_text("0.5\t1.5\tThe first cup of the day.\n")
    found = _whenabouts(plugin, "find", house / "talk.mp4", "a cup", "--evidence", "noted", "--json")
    [moment] = json.loads(found)[0]["moments"]
    assert (moment["start"], moment["end"], moment["evidence"][0]["kind"]) == (0.5, 1.5, "noted")
    asked = ("a bright picture", "--evidence", "seen", "--encoder", "brightness", "--json")
    [answer] = json.loads(_whenabouts(plugin, "find", house / "talk.mp4", *asked))
    assert answer["receipt"]["models"] == {"brightness": "1"}


def test_a_plugin_adds_a_format(plugin: Path, house: Path) -> None:
    found = _whenabouts(plugin, "find", house / "talk.mp4", "a cup", "--model", "middle", "--json")
    (house / "answers.json").write_text(found)
    _whenabouts(plugin, "export", house / "answers.json", "--to", house / "answers.lines")
    assert (house / "answers.lines").read_text() == "0.667\t1.333\ta cup\n"


def test_a_plugin_adds_a_benchmark(plugin: Path, house: Path) -> None:
    rows = ["qid,video,query,start,end,duration", "1,talk,a cup,0.5,1.5,2", "2,talk,a plate,0,0.1,2"]
    (house / "kitchen_test.csv").write_text("\n".join(rows))
    predicted = [{"qid": qid, "pred_relevant_windows": [[0.6, 1.5, 0.9]]} for qid in ("1", "2")]
    (house / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in predicted))
    scored = ("--benchmark", "kitchen", "--ground-truth", house / "kitchen_test.csv", "--json")
    report = _whenabouts(plugin, "evaluate", house / "predictions.jsonl", *scored)
    assert json.loads(report)["scores"]["R1@0.5"] == 50.0
