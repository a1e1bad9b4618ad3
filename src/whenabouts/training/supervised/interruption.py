"""Ctrl-C that waits for the step that is running."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

__all__ = ["Interruption"]


class Interruption:
    """Within the block a first SIGINT is only noted, for `check` to raise KeyboardInterrupt; a second is as always.

    It does nothing where it is not active or not in the main thread, which alone receives signals.
    """

    def __init__(self, *, active: bool = True) -> None:
        self.active = active and threading.current_thread() is threading.main_thread()
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> Interruption:
        if self.active:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.active:
            signal.signal(signal.SIGINT, self._before)

    def check(self) -> None:
        """Raises KeyboardInterrupt if a SIGINT came."""
        if self.asked:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
