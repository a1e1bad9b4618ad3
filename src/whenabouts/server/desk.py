"""What is answered at once but needs a video opened: facts, pictures, words, exports, searches.

Like jobs it happens in processes of its own: two at a time, each answer within a limit of time, and no more than a
number of them wait.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

from whenabouts.errors import Ended, TaskFailed
from whenabouts.server.jobs.process import Process
from whenabouts.server.refusal import Refusal

__all__ = ["Desk"]

LIMIT = 60.0  # seconds for one answer
WAITING = 256  # answers that may be waited for


class Desk:
    """`count` processes that answer in turn."""

    def __init__(self, count: int = 2) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="desk")
        self._all = [Process() for _ in range(count)]
        self._free: SimpleQueue[Process] = SimpleQueue()
        for process in self._all:
            self._free.put(process)
        self._waiting = 0

    async def ask(self, task: str, request: dict[str, Any], *, status: int = 409) -> Any:
        """The result of a task. Raises Refusal: `status` with its sentence where video or library forbid it, or 503.

        A request that is wrong in itself is refused with 422 before it comes here.
        """
        if self._waiting >= WAITING:
            raise Refusal(503, "too many questions at once; try again in a moment", **{"Retry-After": "2"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, task, request)
        except TaskFailed as error:
            raise Refusal(500 if error.ours else status, str(error)) from None
        except Ended as error:
            raise Refusal(status, str(error)) from None
        except RuntimeError:  # the pool is closed
            raise Refusal(503, "the server ends") from None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End at once."""
        for process in self._all:
            process.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, task: str, request: dict[str, Any]) -> Any:
        process = self._free.get()
        try:
            return process.run(task, request, limit=LIMIT)
        finally:
            self._free.put(process)
