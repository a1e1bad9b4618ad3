"""Long work beside the protocol: on threads, a few at once, told of in steps, and left when nobody waits any more."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from threading import BoundedSemaphore, Event
from typing import Any, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread

__all__ = ["Stopped", "Work"]

Watch = Callable[[str, float], None]
Tell = Callable[[float, str], Coroutine[Any, Any, None]]
T = TypeVar("T")
STEP = 0.01  # of a stage: progress is told in steps no smaller
WAITING = 32  # calls that may wait at once


class Stopped(Exception):
    """Nobody waits for this work any more."""


class Work:
    """Runs calls on threads, at most `at_once` of them at a time; others wait."""

    def __init__(self, at_once: int = 2) -> None:
        self._places = BoundedSemaphore(at_once)
        self._waiting = anyio.CapacityLimiter(WAITING)

    async def run(self, call: Callable[[Watch], T], tell: Tell) -> T:
        """What `call(watch)` gives. Cancelled, it returns at once, and the call ends at its next `watch`.

        `tell` receives a number that only grows, by one with every stage of the work, and words.
        """
        stop = Event()
        watch = _Progress(stop, tell)
        try:
            return await anyio.to_thread.run_sync(
                partial(self._in_turn, call, watch, stop), abandon_on_cancel=True, limiter=self._waiting
            )
        finally:
            stop.set()

    def _in_turn(self, call: Callable[[Watch], T], watch: Watch, stop: Event) -> T:
        while not self._places.acquire(timeout=0.1):
            if stop.is_set():
                raise Stopped
        try:
            return call(watch)
        finally:
            self._places.release()


class _Progress:
    """The fractions of named stages as one number that only grows."""

    def __init__(self, stop: Event, tell: Tell) -> None:
        self._stop, self._tell = stop, tell
        self._stages: dict[str, float] = {}
        self._told = 0.0

    def __call__(self, what: str, fraction: float) -> None:
        if self._stop.is_set():
            raise Stopped
        self._stages[what] = max(self._stages.get(what, 0.0), fraction)
        done = sum(self._stages.values())
        if done >= self._told + STEP:
            self._told = done
            anyio.from_thread.run(self._tell, done, f"{what}: {fraction:.0%}")
