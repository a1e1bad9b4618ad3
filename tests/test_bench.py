"""Every measurement runs in its smallest form and ends with a line of JSON."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROGRAMS = {path.stem: path for path in sorted((ROOT / "bench").glob("[a-z]*.py"))}
EXTRAS = {  # what else must be installed
    "crash": "accelerate",
    "gpu": "trl",
    "grpo_tiny": "trl",
    "llm_reuse": "transformers",
    "llm_synthetic": "trl",
    "meco_synthetic": "transformers",
    "models": "torch",
    "selection": "torch",
    "speech": "piper",
    "stream_cache": "transformers",
    "timesuite_synthetic": "torch",
    "train_synthetic": "torch",
    "videomind": "torch",
    "warm": "accelerate",
}

QUICK = {"audit", "compare", "detection", "evaluate"}  # the others take minutes together
MEASUREMENTS = [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in PROGRAMS]


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_the_smallest_form_of_a_measurement_runs(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name])
    settings = {"HF_HUB_OFFLINE": "1", "TMPDIR": str(tmp_path)}
    if name == "retrieval":
        settings["WHENABOUTS_DATA"] = str(request.getfixturevalue("data"))
    command = [sys.executable, str(PROGRAMS[name]), "--smoke"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | settings)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])


def test_the_tiny_study_asks_after_its_warm_start_as_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A video model that was taught with other stamps than it is asked with answers worse than a constant."""
    pytest.importorskip("trl", reason="the extra rl is not installed")
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    study: Any = importlib.import_module("grpo_tiny")
    assert study.WARM.prompting == study.HONEST.prompting == study.HACKABLE.prompting


def test_no_two_sizes_at_once() -> None:
    command = [sys.executable, str(PROGRAMS["evaluate"]), "--quick", "--smoke"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "not allowed with argument" in done.stderr
