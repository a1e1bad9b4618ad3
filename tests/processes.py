"""`whenabouts` in a process of its own that does not outlive its test, and waiting for what it does."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LIMIT = 300.0  # seconds, after which a test that waits is taken to hang; no test measures time with it


@contextmanager
def running(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """The process, with stdout and stderr as pipes of text; killed at the end if it has not ended."""
    command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
    process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(condition: Callable[[], object]) -> None:
    """Ask again and again until the condition holds."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"nothing came for {LIMIT:.0f} s"
        time.sleep(0.1)
