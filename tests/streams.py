"""Small live sources and online grounders with a known truth, for tests of what is built on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from whenabouts.commands.watching import Began, Told, Watching
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.stream import Event, OnlineGrounder
from whenabouts.video.frame import Frame
from whenabouts.video.live import Arrival


def picture(level: int, time: float) -> Frame:
    return Frame(time, np.full((8, 8, 3), level, np.uint8))


class Listed:
    """A source that gives what it is made with, and then what is `put` until it is closed, if it `waits`."""

    name = "a list"

    def __init__(self, arrivals: Iterable[Arrival], *, waits: bool = False) -> None:
        self._queue: SimpleQueue[Arrival | None] = SimpleQueue()
        for each in arrivals:
            self._queue.put(each)
        if not waits:
            self._queue.put(None)

    def put(self, arrival: Arrival) -> None:
        self._queue.put(arrival)

    def __iter__(self) -> Iterator[Arrival]:
        while (arrival := self._queue.get()) is not None:
            yield arrival

    def close(self) -> None:
        self._queue.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Bright(OnlineGrounder):
    """Each query happens while the picture is bright; a query in words is heard where a line has them.

    A picture of level 13 is one that it cannot look at.
    """

    name = "bright"

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        level = float(frame.mean())
        if level == 13:
            raise ZeroDivisionError("no light at all")
        events = []
        for query in self.queries:
            happening = self.ledger.open(query)
            if level > 128 and not happening:
                events.append(self.ledger.start(query, t, level / 255, t)[1])
            if level <= 128 and happening:
                events.append(self.ledger.end(happening[0], t, t))
        return events

    def hear(self, line: TimedText, t: float) -> list[Event]:
        heard = []
        for query in self.queries:
            if query in line.text:
                moment, started = self.ledger.start(query, line.start, 1.0, t)
                heard += [started, self.ledger.end(moment, line.end, t)]
        return heard


def watching(source: Listed, *queries: str, told: Callable[[Told], None] | None = None, **more: Any) -> Watching:
    grounder = more.pop("grounder", None) or Bright()
    for query in queries:
        grounder.add(query)
    began = Began(source.name, "bright", grounder.queries, more.pop("time", 0.0))
    return Watching(source, grounder, began, told=() if told is None else (told,), **more)
