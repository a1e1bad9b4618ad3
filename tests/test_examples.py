"""The examples run as their docstrings say."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from media import make_video
from serving import Server, serving

CLIENT = Path(__file__).parents[1] / "examples" / "client.py"


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
