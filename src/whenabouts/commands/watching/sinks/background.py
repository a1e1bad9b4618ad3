"""Work beside the watch that may be slow or fail: it never holds up the watch, and what goes wrong is said."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from typing import Any, Generic, TypeVar

from whenabouts.errors import WhenaboutsError

__all__ = ["Background", "Report"]

T = TypeVar("T")
Report = Callable[[str, str, int], None]
"""Takes the part that has trouble, a sentence, and how often it has failed."""

LAST_SECONDS = 10.0  # that are waited at the end for work that is left
LONGEST_PAUSE = 30.0  # seconds between two attempts


class Background(Generic[T]):
    """Does `work` with what is put in, one at a time and in order, in a thread of its own.

    part:     its name in what is said of it
    attempts: how often one piece of work is tried before it is given up; None: until there is no more room
    limit:    pieces that may wait; where more come, the oldest are dropped, and that is said
    pause:    seconds before a second attempt; twice as long before each further one

    Failure is said once, and again only after something succeeded. Errors are OSError and WhenaboutsError; any other
    is a mistake of ours, which is said too and costs one piece of work.
    """

    def __init__(
        self,
        part: str,
        work: Callable[[T], Any],
        report: Report,
        *,
        attempts: int | None = 1,
        limit: int = 1000,
        pause: float = 1.0,
    ) -> None:
        self._part, self._work, self._report = part, work, report
        self._attempts, self._limit, self._pause = attempts, limit, pause
        self._changed = Condition()
        self._waiting: deque[T] = deque()
        self._closing = self._idle = False
        self._deadline = 0.0
        self._failing = self._full = False
        self._failed = self._dropped = 0
        self._thread = Thread(target=self._run, name=f"watch-{part}", daemon=True)
        self._thread.start()

    def put(self, piece: T) -> None:
        """Leave a piece of work; returns at once."""
        with self._changed:
            dropped = len(self._waiting) >= self._limit
            if dropped:
                self._waiting.popleft()
                self._dropped += 1
            tell, self._full = dropped and not self._full, dropped or self._full
            self._waiting.append(piece)
            self._changed.notify_all()
        if tell:
            self._report(
                self._part, "what it is given comes faster than it is done; the oldest is dropped", self._dropped
            )

    def close(self, seconds: float = LAST_SECONDS) -> None:
        """Finish what waits, for at most so many seconds, then end; what is left then is said to be lost."""
        with self._changed:
            self._closing, self._deadline = True, time.monotonic() + seconds
            self._changed.notify_all()
        self._thread.join(seconds + 1.0)
        with self._changed:
            left = len(self._waiting) + self._dropped
        if left:
            self._report(self._part, f"it gave up on {left}", left)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                if not self._waiting or (self._closing and time.monotonic() > self._deadline):
                    return
                piece = self._waiting[0]
            done = self._tried(piece)
            with self._changed:
                if done and self._waiting and self._waiting[0] is piece:  # it may have been dropped meanwhile
                    self._waiting.popleft()
                self._full = self._full and bool(self._waiting)

    def _tried(self, piece: T) -> bool:
        """Whether a piece of work is over with: done, or given up."""
        attempt = 0
        while True:
            attempt += 1
            try:
                self._work(piece)
            except (OSError, WhenaboutsError) as error:
                reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                self._fail(reason[:1].lower() + reason[1:] or type(error).__name__)
            except Exception as error:
                self._fail(f"{type(error).__name__}: {error}")
                return True
            else:
                self._failing = False
                return True
            if self._attempts is not None and attempt >= self._attempts:
                with self._changed:
                    self._dropped += 1
                return True
            if not self._paused(min(LONGEST_PAUSE, self._pause * 2 ** min(attempt - 1, 16)), piece):
                return False

    def _paused(self, seconds: float, piece: T) -> bool:
        """Wait before another attempt; False where there is to be none: the end, or the piece was dropped."""
        until = time.monotonic() + seconds
        with self._changed:
            while (left := until - time.monotonic()) > 0:
                if self._closing:  # one last attempt, soon
                    left = min(left, 0.2)
                    self._changed.wait(left)
                    break
                self._changed.wait(left)
            if self._closing and time.monotonic() > self._deadline:
                return False
            return bool(self._waiting) and self._waiting[0] is piece

    def _fail(self, reason: str) -> None:
        self._failed += 1
        if not self._failing:
            self._failing = True
            self._report(self._part, reason, self._failed)
