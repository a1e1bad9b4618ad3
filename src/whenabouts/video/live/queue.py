"""A bounded queue between two threads, which can be closed from either side."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Condition
from typing import Generic, TypeVar

__all__ = ["Closed", "Queue"]

T = TypeVar("T")
Shed = Callable[["deque[T]", T, bool], bool]


class Closed(Exception):
    """The queue was closed: nothing goes in or comes out any more."""


class Queue(Generic[T]):
    """Holds at most `most` items of `most_bytes` together, as `measure` counts them; one that is larger goes in alone.

    What is put into a full queue waits, unless `shed(items, item, full)` makes room: it is called before every item
    that goes in, may take items out, and says whether it did.
    """

    def __init__(self, most: int, most_bytes: int, measure: Callable[[T], int], shed: Shed[T] | None = None) -> None:
        self._most, self._most_bytes, self._measure, self._shed = most, most_bytes, measure, shed
        self._items: deque[T] = deque()
        self._bytes = 0
        self._changed = Condition()
        self._closed = False

    @property
    def size(self) -> int:
        """Bytes in it, as `measure` counts them."""
        return self._bytes

    def put(self, item: T) -> None:
        """Add an item at the end. Raises Closed."""
        size = self._measure(item)
        with self._changed:
            while not self._closed:
                full = self._is_full(size)
                if self._shed is not None and self._shed(self._items, item, full):
                    self._bytes = sum(map(self._measure, self._items))
                elif full:
                    self._changed.wait()
                else:
                    break
            if self._closed:
                raise Closed
            self._items.append(item)
            self._bytes += size
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> T | None:
        """The first item; None if none came within `timeout` seconds. Raises Closed."""
        end = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not self._items:
                if self._closed:
                    raise Closed
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    return None
                self._changed.wait(left)
            item = self._items.popleft()
            self._bytes -= self._measure(item)
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Wake everybody, and forget what is in it."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._bytes = 0
            self._changed.notify_all()

    def _is_full(self, size: int) -> bool:
        return bool(self._items) and (len(self._items) >= self._most or self._bytes + size > self._most_bytes)
