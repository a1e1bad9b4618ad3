"""Tasks that are answered at once but open a video or a library: facts, pictures, words, exports, searches.

They run in processes of their own, as jobs do: two at a time, each within a limit of time, and only so many may wait.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

from whenabouts.errors import ProcessEnded, TaskFailed
from whenabouts.isolation import ChildLimits
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.jobs.process import WorkerProcess

__all__ = ["QuickTasks"]

TIME_LIMIT = 60.0  # seconds for one task
MAX_WAITING = 256  # tasks


class QuickTasks:
    """`count` worker processes that take tasks in turn, and read each video within `limits`."""

    def __init__(self, count: int = 2, *, limits: ChildLimits | None = None) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="quick-tasks")
        self._processes = [WorkerProcess(limits=limits) for _ in range(count)]
        self._free: SimpleQueue[WorkerProcess] = SimpleQueue()
        for process in self._processes:
            self._free.put(process)
        self._waiting = 0

    async def run(self, task: str, request: dict[str, Any]) -> Any:
        """The result of a task.

        Raises HTTPRefusal: 409 with the task's sentence where the video or the library cannot be used, 500 for a
        mistake of the server, 503 where too many tasks wait. A request that is wrong in itself was refused before.
        """
        if self._waiting >= MAX_WAITING:
            raise HTTPRefusal(503, "too many requests at once; try again in a moment", **{"Retry-After": "2"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, task, request)
        except TaskFailed as error:
            raise HTTPRefusal(500 if error.internal else 409, str(error)) from None
        except ProcessEnded as error:
            raise HTTPRefusal(409, str(error)) from None
        except RuntimeError:  # the threads are shut down
            raise HTTPRefusal(503, "the server is shutting down") from None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End at once."""
        for process in self._processes:
            process.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _run(self, task: str, request: dict[str, Any]) -> Any:
        process = self._free.get()
        try:
            return process.run(task, request, limit=TIME_LIMIT)
        finally:
            self._free.put(process)
