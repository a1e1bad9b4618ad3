"""A program that the user named, started for each event."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Collection
from contextlib import suppress
from signal import SIGTERM

from whenabouts.commands.watching.sinks.background import Background, Report
from whenabouts.commands.watching.told import Told, row
from whenabouts.errors import InputError, ServerError
from whenabouts.grounders.stream.event import Event

__all__ = ["Program"]

TIMEOUT = 60.0  # seconds that one run of the program may take
PLACES = ("query", "number", "state", "start", "end", "score", "emitted", "wall")


class Program:
    """Starts a program for events of some states, one after another, and never through a shell.

    The event is JSON on its standard input, and its fields are the environment variables WHENABOUTS_QUERY, _NUMBER,
    _STATE, _START, _END, _SCORE, _EMITTED and _WALL; those that are not known are empty. Raises InputError.
    """

    def __init__(self, line: str, states: Collection[str], report: Report, *, timeout: float = TIMEOUT) -> None:
        try:
            self._words = shlex.split(line)
        except ValueError:
            self._words = []
        if not self._words:
            raise InputError(f"{line!r} is not a program with its arguments")
        self._states, self._timeout = frozenset(states), timeout
        self._background: Background[Event] = Background("program", self._start, report)

    def __call__(self, told: Told) -> None:
        """Start the program for an event; returns at once."""
        if isinstance(told, Event) and told.state in self._states:
            self._background.put(told)

    def close(self) -> None:
        """Let what waits have its turn, and end."""
        self._background.close()

    def _start(self, event: Event) -> None:
        fields = row(event)
        given = {f"WHENABOUTS_{name.upper()}": _value(fields[name]) for name in PLACES}
        process = subprocess.Popen(  # noqa: S603 - the user named it, and no shell reads it
            self._words,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | given,
            start_new_session=True,
        )
        try:
            process.communicate(json.dumps(fields).encode() + b"\n", timeout=self._timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            raise ServerError(f"it took longer than {self._timeout:g} s and was ended") from None
        if process.returncode:
            raise ServerError(f"it ended with exit code {process.returncode}")


def _value(value: object) -> str:
    return "" if value is None else str(value).replace("\0", "")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program with everything that it started."""
    with suppress(OSError):
        os.killpg(process.pid, SIGTERM) if hasattr(os, "killpg") else process.terminate()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        with suppress(OSError):
            os.killpg(process.pid, 9) if hasattr(os, "killpg") else process.kill()
        process.wait()
