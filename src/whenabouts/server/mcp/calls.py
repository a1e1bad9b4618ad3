"""Calls of tools: on threads, a few at once, with progress, until nobody waits for them any more."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from threading import BoundedSemaphore, Event
from typing import Any, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread

from whenabouts.progress import Progress

__all__ = ["CallCancelled", "CallQueue"]

Report = Callable[[float, str], Coroutine[Any, Any, None]]
T = TypeVar("T")
REPORT_STEP = 0.01  # of a stage: progress is reported in steps no smaller
MAX_WAITING = 32  # calls


class CallCancelled(Exception):
    """Nobody waits for this call any more."""


class CallQueue:
    """Runs calls on threads, at most `at_once` of them at a time; others wait."""

    def __init__(self, at_once: int = 2) -> None:
        self._running = BoundedSemaphore(at_once)
        self._waiting = anyio.CapacityLimiter(MAX_WAITING)

    async def run(self, call: Callable[[Progress], T], report: Report) -> T:
        """The result of `call(progress)`. Cancelled, it returns at once, and the call ends at its next progress.

        `report` receives a number that only grows, by one with every stage of the call, and words.
        """
        cancelled = Event()
        progress = _Reported(cancelled, report)
        try:
            return await anyio.to_thread.run_sync(
                partial(self._in_turn, call, progress, cancelled), abandon_on_cancel=True, limiter=self._waiting
            )
        finally:
            cancelled.set()

    def _in_turn(self, call: Callable[[Progress], T], progress: Progress, cancelled: Event) -> T:
        while not self._running.acquire(timeout=0.1):
            if cancelled.is_set():
                raise CallCancelled
        try:
            return call(progress)
        finally:
            self._running.release()


class _Reported:
    """Progress in named stages, reported as one number that only grows."""

    def __init__(self, cancelled: Event, report: Report) -> None:
        self._cancelled, self._report = cancelled, report
        self._stages: dict[str, float] = {}
        self._reported = -REPORT_STEP  # so that a beginning is told

    def __call__(self, what: str, fraction: float) -> None:
        if self._cancelled.is_set():
            raise CallCancelled
        self._stages[what] = max(self._stages.get(what, 0.0), fraction)
        done = sum(self._stages.values())
        if done >= self._reported + REPORT_STEP:
            self._reported = done
            anyio.from_thread.run(self._report, done, f"{what}: {fraction:.0%}")
