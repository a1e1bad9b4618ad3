"""Nothing but whenabouts' own lines is printed where models of transformers answer, are trained and are scored."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

from tiny_checkpoints import make_adapter, make_checkpoint

from whenabouts.video.compose import Still, compose


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a video, annotations of it, models and an adapter."""
    folder = tmp_path_factory.mktemp("quiet")
    compose(folder / "v.mp4", [Still(np.full((96, 128, 3), 90, np.uint8), 4.0, 1.0)], size=(128, 96), rate=4)
    row = {"vid": "v", "video": "v.mp4", "relevant_windows": [[1, 3]], "duration": 4.0}
    rows = [row | {"qid": f"q{i}", "query": f"a cat of {i}"} for i in range(8)]
    (folder / "data.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    for kind in ("qwen2_vl", "qwen2_5_vl", "qwen3_5"):
        make_checkpoint(kind, folder / kind)
    return folder


def run(room: Path, *words: str) -> tuple[int, str]:
    """Exit code and stderr of the program, in which a deprecated call is an error."""
    program = [sys.executable, "-W", "error::FutureWarning", "-m", "whenabouts", *words]
    done = subprocess.run(program, cwd=room, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("model", ["qwen3_5", "adapter"])
def test_find_prints_only_its_answer(model: str, room: Path) -> None:
    if model == "adapter":
        pytest.importorskip("peft", reason="the extra rl is not installed")
        make_adapter(room / "qwen2_5_vl", room / "adapter")
    code, said = run(room, "find", "v.mp4", "a cat", "--model", model, "--prompting", "qwen2-vl")
    assert code == 0 and all(line.startswith("asking: ") for line in said.splitlines()), said  # on a slow machine


def test_a_device_that_is_not_there_is_told_in_a_sentence(room: Path) -> None:
    code, said = run(room, "find", "v.mp4", "a cat", "--model", "qwen2_vl", "--device", "gpu9")
    assert code == 1 and said.startswith("whenabouts: qwen2_vl cannot be put on the device 'gpu9': ")
    assert said.count("\n") == 1


def test_predictions_of_a_split_print_only_their_own_lines(room: Path) -> None:
    code, said = run(room, "predict", "data.jsonl", "--videos", ".", "--model", "qwen2_vl", "--out", "predicted.jsonl")
    assert code == 0 and all("transformers" not in line for line in said.splitlines()), said
    assert len((room / "predicted.jsonl").read_text("utf-8").splitlines()) == 8


@pytest.mark.parametrize(
    "words",
    [
        ("post-train", "sft", "--model", "qwen2_5_vl", "--data", "data.jsonl", "--steps", "1", "--lora", "4"),
        ("post-train", "sft", "--model", "qwen2_5_vl", "--data", "data.jsonl", "--dry-run"),
        ("curate", "time-r1", "--model", "qwen2_5_vl", "--data", "data.jsonl", "--out", "some.jsonl", "--times", "1"),
    ],
)
def test_training_prints_only_its_own_lines(words: tuple[str, ...], room: Path) -> None:
    pytest.importorskip("trl", reason="the extra rl is not installed")
    _, said = run(room, *words)
    ours = ("whenabouts: ", "reward monitor: ", "training: ", "answering: ")
    assert all(line.startswith(ours) for line in said.splitlines()), said
