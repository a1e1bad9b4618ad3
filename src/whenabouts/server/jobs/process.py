"""A process that works for the server, from outside: one task at a time, killed and replaced when it must be.

They speak in lines of JSON: a task goes in, steps and one end come out. The process ends by itself when the server
does, even one that was killed, because its input ends then.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from whenabouts.errors import Ended, TaskFailed

__all__ = ["Process"]

Tell = Callable[[str, float], None]


class Process:
    """Starts on the first task and stays for the next ones, with what it has loaded."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, task: str, request: dict[str, Any], tell: Tell | None = None, *, limit: float | None = None) -> Any:
        """The result of a task of `tasks.TASKS`; `limit` in seconds. Raises TaskFailed, Ended."""
        process = self._started()
        watch = threading.Timer(limit, process.kill) if limit is not None else None
        if watch:
            watch.daemon = True
            watch.start()
        try:
            return self._exchange(process, task, request, tell)
        finally:
            if watch:
                watch.cancel()

    def stop(self) -> None:
        """Kill the process, whatever it does; the next task starts another."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Kill the process and start no other."""
        with self._lock:
            self._stopped = True
        self.stop()

    def _exchange(self, process: subprocess.Popen[str], task: str, request: dict[str, Any], tell: Tell | None) -> Any:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.write(json.dumps({"task": task, "request": request}) + "\n")
            process.stdin.flush()
        for line in process.stdout:
            if not line.endswith("\n"):  # it was killed in the midst of a word
                break
            told = json.loads(line)
            if "result" in told:
                return told["result"]
            if "error" in told:
                raise TaskFailed(told["error"], ours=told["ours"])
            if tell:
                tell(told["step"], told["progress"])
        code = process.wait()
        with self._lock:
            if self._process is process:
                self._process = None
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe.close()
        raise Ended(f"the process that worked on this ended by itself ({_why(code)}); the video may be damaged")

    def _started(self) -> subprocess.Popen[str]:
        with self._lock:
            if self._stopped:
                raise Ended("the server ends")
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "whenabouts.server.jobs.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    start_new_session=True,  # Ctrl-C in the terminal is for the server, which then ends its processes
                )
            return self._process


def _why(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
