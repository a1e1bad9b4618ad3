"""Results of quick tasks about videos, kept in memory as long as the video does not change.

Facts have processes of their own: a player that asks for bytes needs them, and must not wait for pictures of others.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, OrderedDict
from typing import Any

from whenabouts.server.hiding import Hiding
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.quick_tasks import QuickTasks
from whenabouts.server.videos import VideoFile

__all__ = ["VideoCache"]

MAX_CHARS = 32 << 20  # of all kept results as JSON


class VideoCache:
    """Results by video, task and request; requests for a result that is being made wait for that one.

    What nobody waits for any more is not begun, such as pictures of a stretch that has gone out of view.
    """

    def __init__(self, quick_tasks: QuickTasks, facts: QuickTasks) -> None:
        self._quick_tasks, self._facts = quick_tasks, facts
        self._results: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._chars = 0
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._waiting: Counter[str] = Counter()

    async def get(self, video: VideoFile, task: str, **request: Any) -> Any:
        """The result of a task on a video. Raises HTTPRefusal, whose sentence does not reveal the video's path."""
        key = f"{video.version} {task} {json.dumps(request, sort_keys=True)}"
        if key in self._results:
            self._results.move_to_end(key)
            return self._results[key][0]
        if key not in self._running:
            tasks = self._facts if task == "facts" else self._quick_tasks
            work = tasks.run(task, {"path": str(video.path), **request})
            running = self._running[key] = asyncio.create_task(work)
            running.add_done_callback(lambda done: self._keep(key, done))
        running = self._running[key]
        self._waiting[key] += 1
        try:
            return await asyncio.shield(running)
        except HTTPRefusal as refusal:
            hiding = Hiding([(str(video.path), video.name), (f"{video.path.parent}/", "")])
            sentence = hiding.sentence(refusal.detail)
            raise HTTPRefusal(refusal.status_code, sentence, **(refusal.headers or {})) from None
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]
                self._end(key, running)
                running.cancel()

    def _end(self, key: str, task: asyncio.Task[Any]) -> None:
        if self._running.get(key) is task:
            del self._running[key]

    def _keep(self, key: str, done: asyncio.Task[Any]) -> None:
        self._end(key, done)
        if done.cancelled() or done.exception() is not None:
            return
        if isinstance(done.result(), dict) and done.result().get("partial"):
            return  # the next request gets more
        chars = len(json.dumps(done.result()))
        self._results[key] = done.result(), chars
        self._chars += chars
        while self._chars > MAX_CHARS and self._results:
            _, (_, dropped) = self._results.popitem(last=False)
            self._chars -= dropped
