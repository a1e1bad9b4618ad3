"""A worker process seen from the server: one task at a time, killed and replaced when necessary.

The two exchange lines of JSON: a task goes in; steps with their progress and what is found so far come out, then a
result or an error. The process ends by itself when the server does, even one that was killed, because its input ends
then.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from whenabouts.errors import ProcessEnded, TaskFailed
from whenabouts.isolation import ChildLimits
from whenabouts.server.jobs.report import SILENT, Report

__all__ = ["INTERNAL_ERROR", "WorkerProcess"]

INTERNAL_ERROR = "this failed because of an error in whenabouts; the log of the server has the details"


class WorkerProcess:
    """Starts with the first task and stays for the next ones, with the models it has loaded.

    warm_limit: bytes of the models that it may keep loaded; None is the default of the package
    limits:     what reading one video may take, in a child of the process; None are those of the package
    """

    def __init__(self, warm_limit: int | None = None, limits: ChildLimits | None = None) -> None:
        settings = {"warm_limit": warm_limit, "limits": asdict(limits or ChildLimits())}
        self._arguments = [json.dumps(settings)]
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def run(self, task: str, request: dict[str, Any], report: Report = SILENT, *, limit: float | None = None) -> Any:
        """The result of a task of `tasks.TASKS`, within `limit` seconds. Raises TaskFailed, ProcessEnded."""
        process = self._started()
        timer = threading.Timer(limit, process.kill) if limit is not None else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            return self._exchange(process, task, request, report)
        finally:
            if timer:
                timer.cancel()

    def stop(self) -> None:
        """Kill the process, whatever it does; the next task starts another."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Kill the process and start no other."""
        with self._lock:
            self._closed = True
        self.stop()

    def _exchange(self, process: subprocess.Popen[str], task: str, request: dict[str, Any], report: Report) -> Any:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.write(json.dumps({"task": task, "request": request}) + "\n")
            process.stdin.flush()
        for line in process.stdout:
            if not line.endswith("\n"):  # the process was killed while it wrote this
                break
            message = json.loads(line)
            if "result" in message:
                return message["result"]
            if "error" in message:
                raise TaskFailed(message["error"], internal=message["internal"])
            if "early" in message:
                report.early(message["early"])
            else:
                report(message["step"], message["progress"])
        code = process.wait()
        with self._lock:
            if self._process is process:
                self._process = None
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe.close()
        raise ProcessEnded(f"the process that worked on this ended unexpectedly ({_reason(code)}); check the video")

    def _started(self) -> subprocess.Popen[str]:
        with self._lock:
            if self._closed:
                raise ProcessEnded("the server is shutting down")
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(  # noqa: S603 - the arguments are our own
                    [sys.executable, "-P", "-m", "whenabouts.server.jobs.worker", *self._arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    start_new_session=True,  # Ctrl-C in the terminal is for the server, which then ends its processes
                )
            return self._process


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
