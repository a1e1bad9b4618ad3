"""The watches of a server: few at once, and the ended ones that the page still shows."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from threading import Lock
from typing import Any

from whenabouts.server.live.watch_process import WatchProcess

__all__ = ["MOST_RUNNING", "TooMany", "Watches"]

MOST_RUNNING = 4  # watches at once: each has a process and a model of its own
MOST_ENDED = 20  # that are remembered


class TooMany(Exception):
    """No more watches run at once."""


class Watches:
    """Watches by id, newest first; `changed` is called with the id of one that changed."""

    def __init__(self, changed: Callable[[str], None], hide: Callable[[str], str]) -> None:
        self._changed, self._hide = changed, hide
        self._sees: Callable[[str | None], bool] = lambda video: True
        self._lock = Lock()
        self._watches: dict[str, WatchProcess] = {}

    def seen_by(self, sees: Callable[[str | None], bool]) -> Watches:
        """The same, without the watches of videos that somebody may not see; `sees` gets None for a stream."""
        seen = copy(self)
        seen._sees = sees
        return seen

    def start(self, source: str, name: str, video: str | None, owner: str, fields: dict[str, Any]) -> WatchProcess:
        """Begin a watch for `owner`. Raises TooMany."""

        def hide(sentence: str) -> str:
            return self._hide(sentence.replace(source, name))

        with self._lock:
            if sum(each.state == "running" for each in self._watches.values()) >= MOST_RUNNING:
                raise TooMany
            watch = WatchProcess(source, name, video, owner, fields, self._changed, hide)
            ended = [each.id for each in self._watches.values() if each.state != "running"]
            for id in ended[: max(0, len(ended) - MOST_ENDED + 1)]:
                del self._watches[id]
            self._watches[watch.id] = watch
        return watch

    def running_of(self, owner: str) -> int:
        """How many watches of an owner run."""
        with self._lock:
            return sum(each.owner == owner and each.state == "running" for each in self._watches.values())

    def all(self) -> list[WatchProcess]:
        """The watches, newest first."""
        with self._lock:
            return [each for each in reversed(self._watches.values()) if self._sees(each.video)]

    def get(self, id: str) -> WatchProcess:
        """A watch. Raises KeyError."""
        with self._lock:
            watch = self._watches[id]
        if not self._sees(watch.video):
            raise KeyError(id)
        return watch

    def delete(self, id: str) -> None:
        """Stop a watch and forget it. Raises KeyError."""
        with self._lock:
            watch = self._watches.pop(id)
        watch.stop()
        self._changed(id)

    def close(self) -> None:
        """Stop all watches."""
        with self._lock:
            watches = list(self._watches.values())
        for each in watches:
            each.kill()
