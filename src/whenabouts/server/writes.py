"""Threads of their own for what is written while a client waits: a slow disk must not hold up those who read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from whenabouts.server.http_refusal import HTTPRefusal

__all__ = ["Writes"]

T = TypeVar("T")
THREADS = 4
MAX_WAITING = 128  # writes at once


class Writes:
    """A few threads, for which only so many writes may wait."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="writes")
        self._waiting = 0
        self._lock = Lock()

    async def run(self, write: Callable[[], T]) -> T:
        """The result of `write`. Raises HTTPRefusal with 503 where too many wait, and what `write` raises.

        A write that has begun is done even where the client leaves.
        """
        if self._waiting >= MAX_WAITING:
            raise HTTPRefusal(503, "too many writes wait for the disk; try again in a moment", **{"Retry-After": "5"})
        try:
            future = self._threads.submit(write)
        except RuntimeError:  # the threads are shut down
            raise HTTPRefusal(503, "the server is shutting down", **{"Retry-After": "5"}) from None
        with self._lock:
            self._waiting += 1
        future.add_done_callback(self._count_down)  # whether somebody still waits for it or not
        return await asyncio.wrap_future(future)

    def _count_down(self, _done: object) -> None:
        with self._lock:
            self._waiting -= 1

    def close(self) -> None:
        """Start no other write."""
        self._threads.shutdown(wait=False, cancel_futures=True)
