"""What is asked of a video again and again is remembered, as long as the video does not change."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from typing import Any

from whenabouts.server.desk import Desk
from whenabouts.server.refusal import Refusal
from whenabouts.server.videos import VideoFile

__all__ = ["Looks"]

KEPT = 32 << 20  # letters of answers in memory


class Looks:
    """Answers of the desk about videos; who asks while it is being answered waits for the same answer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answers: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._size = 0
        self._running: dict[str, asyncio.Task[Any]] = {}

    async def ask(self, video: VideoFile, task: str, request: dict[str, Any]) -> Any:
        """The answer, whose sentences do not name the video's path. Raises Refusal."""
        key = f"{video.version} {task} {json.dumps(request, sort_keys=True)}"
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key][0]
        if key not in self._running:
            running = self._running[key] = asyncio.create_task(self._desk.ask(task, request))
            running.add_done_callback(lambda done: self._done(key, done))
        try:
            return await asyncio.shield(self._running[key])
        except Refusal as refusal:
            told = refusal.detail.replace(str(video.path), video.name)
            raise Refusal(refusal.status_code, told, **(refusal.headers or {})) from None

    def _done(self, key: str, done: asyncio.Task[Any]) -> None:
        self._running.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        size = len(json.dumps(done.result()))
        self._answers[key] = done.result(), size
        self._size += size
        while self._size > KEPT and self._answers:
            _, (_, gone) = self._answers.popitem(last=False)
            self._size -= gone
