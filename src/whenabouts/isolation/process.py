"""Starts a child process: by fork where that is safe, which costs milliseconds, else as a new Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any, Protocol

from whenabouts.errors import ProcessEnded
from whenabouts.isolation import child
from whenabouts.isolation.limits import GIB, ChildLimits
from whenabouts.isolation.wire import receive, send

__all__ = ["Child"]

UNSAFE = ("onnxruntime", "torch", "ctranslate2")  # have threads of their own, whose locks a fork would copy
PIPE_BYTES = 1 << 20
START = "from whenabouts.isolation.child import main; main()"
F_SETPIPE_SZ = 1031  # of Linux


class _Process(Protocol):
    pid: int

    def kill(self) -> None: ...

    def wait(self) -> int: ...


class Child:
    """A child process and the two pipes to it; one request at a time.

    advice: what a reason ends with where a limit was reached
    """

    def __init__(self, limits: ChildLimits, advice: str = "") -> None:
        self.limits, self._advice, self._owner = limits, advice, os.getpid()
        requests, self._requests = _pipe()
        self._answers, answers = _pipe()
        try:
            self._process = _forked(requests, answers, limits) or _spawned(requests, answers, limits)
        except OSError as error:
            for end in (self._requests, self._answers):
                os.close(end)
            raise ProcessEnded(f"no process can be started to read it in ({error.strerror})") from error
        finally:
            os.close(requests)
            os.close(answers)
        self._outgoing, self._incoming = os.fdopen(self._requests, "wb"), os.fdopen(self._answers, "rb")
        self.ended: str | None = None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether it still runs, and belongs to this process: a fork has the pipes of the one that made it."""
        return self.ended is None and self._owner == os.getpid()

    def exchange(self, request: tuple[Any, ...]) -> tuple[Any, ...]:
        """The answer to a request. Raises ProcessEnded with the reason if the child ends before."""
        self.send(request)
        try:
            answer: tuple[Any, ...] = receive(self._incoming, self.limits.memory)
            return answer
        except (EOFError, OSError):
            raise ProcessEnded(self._why()) from None
        except ValueError as error:
            self.end(f"what came back was {error}")
            raise ProcessEnded(str(self.ended)) from None
        except BaseException:  # an interrupt in the middle of a message: nobody knows where the next one begins
            self.end("it was interrupted")
            raise

    def send(self, request: tuple[Any, ...]) -> None:
        """Send a request. Raises ProcessEnded."""
        if not self.usable:
            raise ProcessEnded(self.ended or "the process that reads it belongs to another")
        try:
            send(self._outgoing, request)
        except OSError:
            raise ProcessEnded(self._why()) from None

    def end(self, reason: str = "its process was stopped") -> int:
        """Kill the process, if it still runs and is this one's; its exit code."""
        code = 0
        if self._owner == os.getpid():
            self._process.kill()
            code = self._process.wait()
        self.ended = self.ended or reason
        for file in (self._outgoing, self._incoming):
            with suppress(OSError):
                file.close()
        return code

    def _why(self) -> str:
        """Why the child ended by itself."""
        code = self._process.wait()
        self.end(_reason(code, self.limits, self._advice))
        return str(self.ended)


def _reason(code: int, limits: ChildLimits, advice: str) -> str:
    if code == child.TOO_MUCH_MEMORY:
        return f"it takes more than {limits.memory / GIB:.3g} GiB of memory{advice}"
    if code == child.STALLED or -code == getattr(signal, "SIGXCPU", None):
        return f"{limits.cpu:g} s of CPU time brought it no further{advice}"
    if code == child.SILENT:
        return f"nothing came of it for {limits.wall:g} s; check the disk or network that it is on"
    if -code == getattr(signal, "SIGKILL", None):
        return "the process that read it was killed, perhaps because this machine is short of memory"
    if code < 0:
        return f"the process that read it crashed ({signal.Signals(-code).name})"
    return f"the process that read it ended with exit code {code}"


def _pipe() -> tuple[int, int]:
    ends = os.pipe()
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES)
    return ends


def _forked(requests: int, answers: int, limits: ChildLimits) -> _Process | None:
    """A fork of this process; None where a fork could hang, because threads may hold locks."""
    if sys.platform != "linux" or threading.active_count() > 1 or any(name in sys.modules for name in UNSAFE):
        return None
    parent, pid = os.getpid(), os.fork()
    if pid:
        return _Forked(pid)
    try:
        os.setsid()  # Ctrl-C in the terminal is for the parent
        child.serve(requests, answers, parent, limits)
    finally:
        os._exit(0)  # whatever happens: nothing of the parent's may run twice


class _Forked:
    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def kill(self) -> None:
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self._code is None:
            _, status = os.waitpid(self.pid, 0)
            self._code = os.waitstatus_to_exitcode(status)
        return self._code


def _spawned(requests: int, answers: int, limits: ChildLimits) -> _Process:
    numbers = (os.getpid(), limits.memory, limits.cpu, limits.wall)
    return subprocess.Popen(  # noqa: S603 - the arguments are our own
        [sys.executable, "-P", "-c", START, *map(str, numbers)],
        stdin=requests,
        stdout=answers,
        start_new_session=True,  # Ctrl-C in the terminal is for the parent
    )
