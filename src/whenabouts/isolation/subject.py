"""`Subject`: an object that lives in a child process, seen from here; and the children that wait for the next one."""

from __future__ import annotations

import logging
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from threading import Lock
from typing import Any

from whenabouts.errors import ProcessEnded
from whenabouts.isolation.faults import raised
from whenabouts.isolation.limits import ChildLimits
from whenabouts.isolation.names import name_of
from whenabouts.isolation.process import Child

__all__ = ["Children", "Subject"]

log = logging.getLogger(__name__)
WAITING = 2  # children that are kept for the next subjects


class Children:
    """Children within `limits`; one whose subject is no longer needed takes another.

    advice: how to allow more, as the end of a sentence
    """

    def __init__(self, limits: ChildLimits | None = None, advice: str = "") -> None:
        self.limits, self.advice = limits or ChildLimits(), advice
        self._waiting: list[Child] = []
        self._lock = Lock()
        self._closed = False

    def take(self) -> Child:
        """A child without a subject. Raises ProcessEnded where none can be started."""
        with self._lock:
            while self._waiting:
                if (child := self._waiting.pop()).usable:
                    return child
        return Child(self.limits, self.advice)

    def give_back(self, child: Child) -> None:
        """Keep a child for the next subject, or end it."""
        with self._lock:
            if keep := not self._closed and child.usable and len(self._waiting) < WAITING:
                self._waiting.append(child)
        if not keep:
            child.end()

    def close(self) -> None:
        """End those that wait; others end with their subjects."""
        with self._lock:
            self._closed, waiting, self._waiting = True, self._waiting, []
        for child in waiting:
            child.end()


class Subject:
    """What `factory(*arguments)` makes, in a child process; its child is given back when nobody holds the subject.

    Functions are called by name, with the subject before the other arguments, which are values as `wire` sends them; a
    function that this process need not import is given as "module:name". All of them raise what is raised there on
    purpose, and ProcessEnded, in words that continue "… cannot be read: ", if the child crashes, goes beyond its
    limits, or fails in a way that nobody foresaw.
    """

    def __init__(self, children: Children, factory: Callable[..., Any] | str, *arguments: Any) -> None:
        self._child = children.take()
        self._lock = Lock()
        self._numbers = count()
        self._dropped: deque[int] = deque()
        self._close = weakref.finalize(self, children.give_back, self._child)
        self._exchange("open", name_of(factory), arguments)

    @property
    def pid(self) -> int:
        """The number of the process that it is in."""
        return self._child.pid

    @property
    def usable(self) -> bool:
        """Whether its child still runs, and belongs to this process."""
        return self._child.usable

    def close(self) -> None:
        """Give the child back."""
        self._close()

    def call(self, function: Callable[..., Any] | str, *arguments: Any) -> Any:
        """What a function gives. Of an iterator of tuples, the first is made when it is taken, and then some ahead.

        A part of a tuple that is the same object as that part of the one before is here the same object too.
        """
        number = next(self._numbers)
        answer = self._exchange("call", number, name_of(function), arguments)
        return self._items(number) if answer[0] == "items" else answer[1]

    def _items(self, number: int) -> Iterator[tuple[Any, ...]]:
        before: tuple[Any, ...] = ()
        try:
            while (answer := self._exchange("next", number))[0] == "some":
                for parts, same in answer[1]:
                    before = tuple(before[at] if known else parts[at] for at, known in enumerate(same))
                    yield before
        finally:
            self._dropped.append(number)  # told with the next request: this may run anywhere, in the middle of one

    def _exchange(self, *request: Any) -> tuple[Any, ...]:
        with self._lock:
            while self._dropped:
                self._child.send(("drop", self._dropped.popleft()))
            answer = self._child.exchange(request)
        if answer[0] == "error":
            _, fault, trace = answer
            if (error := raised(fault)) is None:
                log.error("in the process that reads files:\n%s", trace)
                raise ProcessEnded(f"whenabouts has an error there ({fault.words})")
            raise error
        return answer
