"""A run that is killed in the middle of an update goes on as if nothing had been."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_rl import GRPO_TINY, QUIET

from whenabouts.errors import InputError
from whenabouts.rewards.compose import Term
from whenabouts.rewards.target import Target
from whenabouts.training.post.run import Run
from whenabouts.training.post.samples import Sample

HERE = Path(__file__).parent
TESTS = HERE.parents[1]


def by_letters(completion: str, target: Target) -> float:
    """Random text earns it in part. A process told to hang does so in its third update, of eight answers each."""
    asked.append(completion)
    if "HANG" in os.environ and len(asked) > 16:
        time.sleep(600)
    return (sum(map(ord, completion)) % 97) / 97


asked: list[str] = []
RECIPE = replace(GRPO_TINY, terms=(Term("letters", by_letters),), batch=8, frames=4, steps=4, schedule="constant")
SETTINGS = QUIET | {"save_strategy": "steps", "save_steps": 2}


def run(videos: Path, out: Path, *, resume: bool = False) -> list[float]:
    """Reward and gradient of every update; the loss of GRPO is 0 but for rounding when each answer is used once."""
    samples = [Sample(f"q{i}", "video.mkv", "a light goes on", ((1.0, 3.0),), 8.0) for i in range(8)]
    Run(RECIPE, samples, videos, out).train("tiny", resume=resume, **SETTINGS)
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text("utf-8").splitlines()]
    return [line[name] for line in lines if "loss" in line for name in ("reward", "grad_norm")]


def test_a_killed_run_goes_on_with_the_same_updates(videos: Path, tmp_path: Path) -> None:
    whole = run(videos, tmp_path / "whole")
    out = tmp_path / "killed"
    words = f"from test_kill import *; run(Path({str(videos)!r}), Path({str(out)!r}))"
    path = os.pathsep.join([str(HERE), str(TESTS), str(TESTS.parent / "src")])
    child = subprocess.Popen(
        [sys.executable, "-c", words], env=os.environ | {"PYTHONPATH": path, "HANG": "1"}, stdout=subprocess.DEVNULL
    )
    try:
        while not (out / "checkpoint-2" / "trainer_state.json").exists():
            assert child.poll() is None
            time.sleep(0.1)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    (out / "checkpoint-3").mkdir()  # as if killed while this one was being written
    with pytest.raises(InputError, match="already holds a run; resume it with --resume"):
        run(videos, out)
    resumed = run(videos, out, resume=True)
    assert len(set(whole)) == 8
    assert resumed == pytest.approx(whole, rel=1e-4)
