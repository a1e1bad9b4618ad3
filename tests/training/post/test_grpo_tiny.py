"""The tiny study in its quick form: reward rises, and the watch tells the hackable reward from the honest one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="the extra rl is not installed")

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_reward_rises_in_the_quick_study() -> None:
    program = [sys.executable, str(ROOT / "bench" / "grpo_tiny.py"), "--quick"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "HF_HUB_OFFLINE": "1"}
    out = subprocess.run(program, capture_output=True, text=True, check=True, env=environment).stdout
    figures = json.loads(out.splitlines()[-1])
    assert figures["reward_last"] > figures["reward_first"] + 0.02
    assert figures["gain"] > 0.02
    assert figures["hacked_flagged"] == 1
