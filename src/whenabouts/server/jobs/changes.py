"""Notifies those who follow a job that it changed, from any thread, without polling."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

__all__ = ["JobChanges"]


class JobChanges:
    """Events by job; `closed` is true once the server shuts down."""

    def __init__(self) -> None:
        self.closed = False
        self._lock = Lock()
        self._followers: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}

    @contextmanager
    def follow(self, job: str) -> Iterator[asyncio.Event]:
        """An event that is set at each change of a job; the follower clears it."""
        follower = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._followers.setdefault(job, set()).add(follower)
        try:
            yield follower[1]
        finally:
            with self._lock:
                self._followers[job].discard(follower)
                if not self._followers[job]:
                    del self._followers[job]

    def notify(self, job: str) -> None:
        """Wake the followers of a job that changed."""
        with self._lock:
            followers = list(self._followers.get(job, ()))
        _set(followers)

    def close(self) -> None:
        """Wake all followers for the last time, because the server shuts down."""
        self.closed = True
        with self._lock:
            followers = [each for all_of_one in self._followers.values() for each in all_of_one]
        _set(followers)


def _set(followers: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    for loop, event in followers:
        with suppress(RuntimeError):  # the loop of that follower is closed
            loop.call_soon_threadsafe(event.set)
