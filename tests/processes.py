"""Processes that do not outlive their test, and waiting for what they do."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

FORKING = """
import json, os, sys, tempfile
from whenabouts.cli.app import main
import whenabouts.cli.find, whenabouts.grounders.similarity, whenabouts.video

def given(text):  # as this process would be given it
    return os.fsdecode(text.encode("utf-8", "surrogateescape"))

for line in sys.stdin:
    words, folder, environment = json.loads(line)
    kept = [tempfile.TemporaryFile() for _ in range(2)]
    child = os.fork()
    if not child:
        for number, file in enumerate([open(os.devnull), *kept]):
            os.dup2(file.fileno(), number)
        os.chdir(given(folder))
        os.environ.clear()
        os.environ.update({given(name): given(value) for name, value in environment.items()})
        sys.argv = ["whenabouts", *map(given, words)]
        main()
        sys.exit()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for file in kept:
        file.seek(0)
    print(json.dumps([code, *(file.read().decode("latin-1") for file in kept)]), flush=True)
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

    A process of its own runs each, forked from one that has imported already what they need, in this environment.
    """
    with _forking(**environment) as process:
        return [_told(process, command, os.environ | environment) for command in commands]


def program(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`whenabouts` in a process of its own; all are forked from one, which stays to the end, where there are forks."""
    if not hasattr(os, "fork"):
        command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    if not _kept or _kept[-1].poll() is not None:
        _kept.append(_forks.enter_context(_forking()))
    code, out, err = _told(_kept[-1], arguments, os.environ)
    return subprocess.CompletedProcess(arguments, code, out.decode(), err.decode())


_kept: list[subprocess.Popen[str]] = []
_forks = ExitStack()
atexit.register(_forks.close)


def _forking(**environment: str) -> AbstractContextManager[subprocess.Popen[str]]:
    return started([sys.executable, "-c", FORKING], stdin=subprocess.PIPE, stderr=None, env=os.environ | environment)


def _told(
    process: subprocess.Popen[str], command: Sequence[str | Path], environment: Mapping[str, str]
) -> tuple[int, bytes, bytes]:
    assert process.stdin is not None and process.stdout is not None
    late = threading.Timer(LIMIT, process.kill)
    late.start()
    try:
        words = [os.fspath(each) for each in command]
        process.stdin.write(json.dumps([words, str(Path.cwd()), dict(environment)]) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    finally:
        late.cancel()
    assert answer, f"nothing came of {words}"
    code, out, err = json.loads(answer)
    return code, out.encode("latin-1"), err.encode("latin-1")


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
