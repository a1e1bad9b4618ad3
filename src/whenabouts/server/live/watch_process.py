"""One watch seen from the server: its process, the newest things that it told, and how it stands."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, Literal

from whenabouts.commands.watching.asked import Wanted

__all__ = ["WatchProcess", "WatchState"]

WatchState = Literal["running", "ended", "failed"]
KEPT = 100  # rows that are kept for the page
UNWANTED = {"watch", "query"}  # rows that the page has no use for
GRACE = 15.0  # seconds that a watch has to end before it is killed
ENDED = "the process of this watch ended unexpectedly"


class WatchProcess:
    """Runs until it ends by itself or is stopped.

    source:  what the process opens; `name` is what clients see of it
    changed: called with its id, from another thread, whenever it tells something
    hide:    takes what clients may not see out of a sentence
    """

    def __init__(
        self,
        source: str,
        name: str,
        video: str | None,
        owner: str,
        fields: dict[str, Any],
        changed: Callable[[str], None],
        hide: Callable[[str], str],
    ) -> None:
        self.id = secrets.token_urlsafe(12)
        self.name, self.video, self.owner, self.created = name, video, owner, time.time()
        self.wanted = Wanted(fields["queries"])
        self.state: WatchState = "running"
        self.error: str | None = None
        self.standing: dict[str, Any] = {}
        self._rows: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._changed, self._hide, self._source = changed, hide, source
        self._lock = Lock()
        self._process = subprocess.Popen(  # the arguments are our own
            [sys.executable, "-P", "-m", "whenabouts.server.live.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C in the terminal is for the server, which then ends its processes
        )
        self._say({"source": source, "watch": fields})
        Thread(target=self._listen, daemon=True, name=f"watch-{self.id}").start()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What was told, newest first."""
        with self._lock:
            return list(reversed(self._rows))

    def add(self, query: str) -> None:
        """Ask one more query. Raises QueryError."""
        self.wanted.add(query)
        self._say({"add": self.wanted.queries[-1:]})
        self._changed(self.id)

    def remove(self, query: str) -> None:
        """Ask a query no longer. Raises QueryError."""
        self.wanted.remove(query)
        self._say({"remove": [query]})
        self._changed(self.id)

    def stop(self) -> None:
        """End the watch, soon."""
        with self._lock, suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        Thread(target=self._kill_later, daemon=True).start()

    def kill(self) -> None:
        """End its process at once."""
        self._process.kill()

    def _kill_later(self) -> None:
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _say(self, order: dict[str, Any]) -> None:
        with self._lock, suppress(OSError, ValueError):  # it has ended
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        error: str | None = ENDED
        for line in self._process.stdout:
            with suppress(ValueError):  # it was killed while it wrote this
                row = json.loads(line)
                if row["type"] == "ended":
                    error = row["error"]
                else:
                    self._take(row)
                    self._changed(self.id)
        self._process.stdout.close()
        self._process.wait()
        self.error = None if error is None else self._hide(error)
        self.state = "ended" if error is None else "failed"
        self._changed(self.id)

    def _take(self, row: dict[str, Any]) -> None:
        if row["type"] == "standing":
            self.standing = row
        elif row["type"] not in UNWANTED:
            if "text" in row:
                row["text"] = self._hide(row["text"])
            with self._lock:
                self._rows.append(row)
