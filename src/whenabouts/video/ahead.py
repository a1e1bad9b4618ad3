"""A bounded pipeline: items are made in a thread of their own, while whoever takes them works on those before.

Decoding and running a network both leave Python's lock to others, so each goes on while the other waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from threading import Condition, Thread
from typing import Generic, TypeVar

from whenabouts.files.threads import allowed_threads

__all__ = ["ahead"]

MAX_BYTES = 16 << 20  # made and not taken yet

Item = TypeVar("Item")


def ahead(
    items: Iterator[Item], weigh: Callable[[Item], int], *, max_bytes: int = MAX_BYTES
) -> Generator[Item, None, None]:
    """The same items in the same order, made ahead while those not taken yet weigh `max_bytes` at most.

    Where this process may use one thread only, an item is made when it is taken.

    weigh: bytes of an item; one that is heavier than `max_bytes` is made when all before it are taken

    What `items` raises is raised here, after the items before it. Closing this generator, as an exception in the loop
    around it does, ends the thread, which makes the item it is at and closes `items`; it starts with the first item.
    """
    if allowed_threads() == 1:
        yield from items
        return
    line = _Line[Item](max_bytes)
    thread = Thread(target=line.fill, args=(items, weigh), name="whenabouts ahead", daemon=True)
    try:
        thread.start()
        while (taken := line.take()) is not None:
            yield taken[0]
    finally:
        line.stop()
        if thread.is_alive():  # an interrupt may come before it has started
            thread.join()


class _Line(Generic[Item]):
    """Items between the thread that makes them and the one that takes them."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._changed = Condition()
        self._ready: deque[tuple[Item, int]] = deque()
        self._bytes = 0
        self._stopped = self._ended = False
        self._error: BaseException | None = None

    def fill(self, items: Iterator[Item], weigh: Callable[[Item], int]) -> None:
        """Make all items, or as many as are wanted."""
        error: BaseException | None = None
        try:
            for item in items:
                if not self._put(item, weigh(item)):
                    break
            if isinstance(items, Generator):
                items.close()  # in the thread that ran it
        except BaseException as raised:
            error = raised
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify()

    def take(self) -> tuple[Item, int] | None:
        """The next item and its weight; None after the last. Raises what making it raised."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended)
            if self._ready:
                item, weight = self._ready.popleft()
                self._bytes -= weight
                self._changed.notify()
                return item, weight
            error, self._error = self._error, None
        if error is not None:
            raise error
        return None

    def stop(self) -> None:
        """Nothing more is wanted."""
        with self._changed:
            self._stopped = True
            self._ready.clear()
            self._changed.notify()

    def _put(self, item: Item, weight: int) -> bool:
        """Whether the item was wanted; waits while there is no room for it."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._ready or self._bytes + weight <= self._max_bytes)
            if not self._stopped:
                self._ready.append((item, weight))
                self._bytes += weight
                self._changed.notify()
            return not self._stopped
