"""The suite does not depend on the environment that it is started in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("asked", [None, "", "1", "2", "4,2", "0", "nonsense"])
def test_every_test_has_one_thread(asked: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    environment |= {} if asked is None else {"OMP_NUM_THREADS": asked}
    program = "import conftest, os; print(os.environ['OMP_NUM_THREADS'])"
    out = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout.split() == ["1"]


@pytest.mark.skipif(os.name == "nt", reason="there are no signals of that kind")
def test_ctrl_c_reaches_the_processes_of_a_suite_in_the_background() -> None:
    ask = [sys.executable, "-c", "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"]
    program = f"import conftest, subprocess; subprocess.run({ask!r})"
    out = subprocess.run(
        ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout.split() == ["False"]
