"""Processes that do not outlive their test, and waiting for what they do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

IN_TURN = """
import json, os, sys, tempfile
from whenabouts.cli.app import main
import whenabouts.cli.find, whenabouts.grounders.similarity, whenabouts.video

told = []
for words in json.load(sys.stdin):
    kept = [tempfile.TemporaryFile() for _ in range(2)]
    child = os.fork()
    if not child:
        for number, file in enumerate(kept, 1):
            os.dup2(file.fileno(), number)
        given = (word.encode("utf-8", "surrogateescape") for word in words)
        sys.argv = ["whenabouts", *map(os.fsdecode, given)]  # as this process would be given them
        main()
        sys.exit()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for file in kept:
        file.seek(0)
    told.append([code, *(file.read().decode("latin-1") for file in kept)])
json.dump(told, sys.stdout)
"""
LIMIT = 600.0  # seconds, after which a test that waits is taken to hang; no test measures time with it


@contextmanager
def started(command: Sequence[str | Path], **how: Any) -> Iterator[subprocess.Popen[str]]:
    """The process, with stdout and stderr as pipes of text; killed at the end if it has not ended."""
    pipes = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([*map(str, command)], **pipes | how)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def running(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """`whenabouts` in a process of its own."""
    with started([sys.executable, "-m", "whenabouts", *arguments]) as process:
        yield process


def in_turn(commands: Sequence[Sequence[str | Path]], **environment: str) -> list[tuple[int, bytes, bytes]]:
    """Exit code, stdout and stderr of `whenabouts` with each of these arguments.

    A process of its own runs each, forked from one that has imported already what they need.
    """
    words = json.dumps([[os.fspath(each) for each in command] for command in commands])
    with started([sys.executable, "-c", IN_TURN], stdin=subprocess.PIPE, env=os.environ | environment) as process:
        told, failed = process.communicate(words)
    assert process.returncode == 0, failed
    return [(code, out.encode("latin-1"), err.encode("latin-1")) for code, out, err in json.loads(told)]


def wait_until(condition: Callable[[], T]) -> T:
    """Ask again and again until the condition holds; what it gives then."""
    end = time.monotonic() + LIMIT
    while not (found := condition()):
        assert time.monotonic() < end, f"nothing came for {LIMIT:.0f} s"
        time.sleep(0.05)
    return found


def children() -> set[int]:
    """The processes that this one started and that have not ended; none where there is no /proc."""
    return {int(one) for told in Path("/proc/self/task").glob("*/children") for one in told.read_text().split()}
