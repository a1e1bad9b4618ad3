"""Several requests at the same time, without ever being held up by one that nobody answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

__all__ = ["together"]

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")

GLANCE = 0.5  # seconds after which the waiting looks up, so that Ctrl-C is heard on every system


def together(
    ask: Callable[[Asked], Answered],
    requests: Sequence[Asked],
    parallel: int,
    *,
    until: float | None = None,
    heard: Callable[[int, Answered], None] | None = None,
) -> list[Answered | None]:
    """Answers to requests, in their order, `parallel` at the same time; None where there was none in time.

    until: when the waiting ends, on the clock of `time.monotonic`; None waits for every answer
    heard: called here with the number of a request and its answer, as soon as it is there

    The first error of a request is raised at once. Whoever stops waiting, by `until`, an error or Ctrl-C, leaves behind
    what is under way: its threads are daemons, for those of an executor would be waited for at the end of the program.
    """
    waiting: SimpleQueue[int] = SimpleQueue()
    done: SimpleQueue[tuple[int, Answered | None, BaseException | None]] = SimpleQueue()
    stopped = Event()
    for number in range(len(requests)):
        waiting.put(number)

    def work() -> None:
        while not stopped.is_set():
            try:
                number = waiting.get_nowait()
            except Empty:
                return
            try:
                done.put((number, ask(requests[number]), None))
            except BaseException as error:  # raised where it is waited for
                done.put((number, None, error))

    answers: list[Answered | None] = [None] * len(requests)
    try:
        for _ in range(min(parallel, len(requests))):
            Thread(target=work, daemon=True).start()
        missing = len(requests)
        while missing:
            left = GLANCE if until is None else min(GLANCE, until - time.monotonic())
            try:
                number, answer, error = done.get(timeout=max(left, 0.0))
            except Empty:
                if until is not None and time.monotonic() >= until:
                    break
                continue
            if error is not None:
                raise error
            answers[number] = answer
            missing -= 1
            if heard is not None and answer is not None:
                heard(number, answer)
    finally:
        stopped.set()
    return answers
