"""Libraries that would report home are told not to, in words that they understand; test_privacy.py shows the effect."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from whenabouts.telemetry import SWITCHES


def printed(program: str, **environment: str) -> list[str]:
    """What a fresh process prints."""
    left = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=left | environment, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("before", ["", "chosen"])
def test_who_sets_a_switch_keeps_it(before: str) -> None:
    program = f"import whenabouts, os\nprint(*(os.environ[name] for name in {list(SWITCHES)}))"
    assert printed(program, **dict.fromkeys(SWITCHES, before)) == [before or value for value in SWITCHES.values()]


@pytest.mark.parametrize(
    ("library", "off"),
    [
        ("huggingface_hub", "from huggingface_hub.constants import HF_HUB_DISABLE_TELEMETRY as off"),
        ("ray", "from ray._common.usage.usage_lib import usage_stats_enabled as on; off = not on()"),
    ],
)
def test_libraries_understand_their_switches(library: str, off: str) -> None:
    pytest.importorskip(library, reason=f"{library} is not installed")
    assert printed(f"import whenabouts; {off}; print(off)") == ["True"]
