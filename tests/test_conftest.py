"""The suite does not depend on the environment that it is started in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("asked", [None, "4,2", "nonsense"])
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


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read from /proc")
def test_a_test_that_fails_leaves_no_process_running(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((Path(__file__).parent / "conftest.py").read_text("utf-8"))
    (tmp_path / "test_it.py").write_text(
        "import subprocess, sys\n"
        "child = [sys.executable, '-c', 'import time; time.sleep(3600)']\n"
        "def test_fails():\n"
        f"    open({str(tmp_path / 'number')!r}, 'w').write(str(subprocess.Popen(child).pid))\n"
        "    assert False\n"
    )
    asked = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
    assert "1 failed" in done.stdout, done.stdout + done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "number").read_text()), 0)
