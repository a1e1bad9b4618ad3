"""The loop of a watch: what arrives is shown to the online grounder, and what that tells goes to everybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from threading import RLock
from types import TracebackType
from typing import Self

from whenabouts.commands.watching.asked import Wanted
from whenabouts.commands.watching.board import Board
from whenabouts.commands.watching.parts import Parts
from whenabouts.commands.watching.state import Saving, State
from whenabouts.commands.watching.told import Asked, Began, Tell, Told, Trouble
from whenabouts.commands.watching.wall import Wall
from whenabouts.errors import InputError, MissingExtra, ModelError, WhenaboutsError
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.online import OnlineGrounder
from whenabouts.video.frame import Frame
from whenabouts.video.live.arrival import Arrival, LiveSource, Notice, Sound

__all__ = ["Watching"]

LAST_SPEECH = 600.0  # seconds on the wall that what was said last may take to be recognised
SLOW_SPEECH = "it is recognised more slowly than it comes; what waits too long is dropped"
RATE_OVER = 5.0  # seconds on the wall over which pictures a second are counted


class Watching:
    """A watch that runs: iterate over it once for its events; closing it, from any thread, ends the iteration.

    board:    how it stands, for a display
    clock:    seconds of the stream that have been looked at
    pictures: how many pictures that were
    """

    def __init__(
        self,
        source: LiveSource,
        grounder: OnlineGrounder,
        began: Began,
        *,
        utc: Callable[[float], datetime | None] | None = None,
        seen: float = 0.0,
        gap: tuple[float, float] | None = None,
        until: float | None = None,
        told: Sequence[Tell] = (),
    ) -> None:
        """Begin nothing yet.

        utc:   when a time of the stream was; None, or none that it tells, for a source that is not live
        seen:  pictures before this time are passed over
        gap:   nothing is known of these seconds
        until: where to stop
        """
        self._source, self._grounder, self._began = source, grounder, began
        self._seen, self._gap, self._until = seen, gap, until
        self.wall = Wall(utc)
        self.board = Board()
        self._told: list[Tell] = [self.board, *told]
        self._lock = RLock()  # parts that work in the background tell of their troubles
        self.parts = Parts()
        self.wanted = Wanted(grounder.queries)
        self.clock, self.pictures = began.time, 0
        self._troubles: dict[str, int] = {}
        self._unheard = 0  # pieces of speech
        self._started = self._over = self._finished = self._closed = False
        self._counted = (time.monotonic(), 0)
        self._rate = 0.0

    # for everybody, from any thread

    @property
    def queries(self) -> tuple[str, ...]:
        """The standing queries, oldest first."""
        return self.wanted.queries

    def add(self, query: str) -> None:
        """Ask one more query from the next picture on. Raises QueryError."""
        self.wanted.add(query)

    def remove(self, query: str) -> None:
        """Ask a query no longer; its moments that go on are dropped without an event. Raises QueryError."""
        self.wanted.remove(query)

    def close(self) -> None:
        """End the watch; whoever iterates over it gets no more than the events of the end."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._end()

    def listen(self, told: Tell) -> None:
        """Have something more receive what is told, from now on."""
        with self._lock:
            self._told.append(told)

    def report(self, part: str, text: str, count: int) -> None:
        """Tell that a part of the watch could not do its work."""
        self.tell(Trouble(part, self.clock, text, count))

    def tell(self, told: Told) -> None:
        """Give everybody what is told."""
        with self._lock:
            for each in self._told:
                each(told)
            self.parts.tell(told)

    @property
    def rate(self) -> float:
        """Pictures a second that were looked at lately, on the wall."""
        now, (since, before) = time.monotonic(), self._counted
        if now - since >= RATE_OVER:
            self._rate = (self.pictures - before) / (now - since)
            self._counted = now, self.pictures
        return self._rate or (self.pictures - before) / max(now - since, 1e-3)

    # for the one who iterates

    def __iter__(self) -> Iterator[Event]:
        if self._started:
            raise InputError("a watch is iterated over once; begin another")
        self._started = True
        return self._run()

    def _run(self) -> Iterator[Event]:
        try:
            self.tell(self._began)
            if self._gap is not None:
                since, time = self._gap
                yield from self._say(lambda: self._grounder.lost(since, time))
            for arrival in self._source:
                self._bring_in_line()
                yield from self._take(arrival)
                if self._until is not None and self.clock >= self._until:
                    break
            yield from self._finish(LAST_SPEECH)
        finally:
            self._end()

    def _take(self, arrival: Arrival) -> list[Event]:
        if isinstance(arrival, Frame):
            if arrival.time < self._seen:
                return []
            self.wall.arrived(arrival.time)
            self.clock = max(self.clock, arrival.time)
            events = self._say(lambda: self._grounder.push(arrival.image, arrival.time), "a picture")
            self.pictures += 1
        elif isinstance(arrival, Sound):
            events = self._hear(arrival)
        else:
            events = self._notice(arrival)
        if self.parts.clips is not None:
            self.parts.clips.at(self.clock)
        if self.parts.saving is not None and (events or self.parts.saving.due):
            self._save(self.parts.saving)
        return events

    def _hear(self, sound: Sound) -> list[Event]:
        listener = self.parts.listener
        if listener is None or sound.time < self._seen:
            return []
        events = self._lines(lambda: listener.push(sound))
        if listener.dropped > self._unheard:
            if not self._unheard:
                self.report("speech", SLOW_SPEECH, listener.dropped)
            self._unheard = listener.dropped
        return events

    def _lines(self, listen: Callable[[], list[TimedText]]) -> list[Event]:
        try:
            lines = listen()
        except Exception as error:  # a watch runs on
            self._failed("speech", error, "sound")
            return []
        heard: list[Event] = []
        for line in lines:
            self.clock = max(self.clock, line.end)
            heard += self._say(partial(self._grounder.hear, line, self.clock), "a line of speech")
        return heard

    def _notice(self, notice: Notice) -> list[Event]:
        since = notice.time if notice.since is None else notice.since
        # nobody knows yet when a source that stalls goes on, and what it sends then may be earlier than the wall says
        until = since if notice.happened == "stalled" else notice.time
        self.clock = max(self.clock, until)
        self._over = self._over or notice.happened == "ended"
        self.tell(notice)
        events: list[Event] = []
        missed = notice.time - since > 2 / self._grounder.fps  # longer than pictures lie apart for the grounder
        if notice.happened in {"lost", "resumed", "stalled"} or (notice.happened in {"dropped", "jumped"} and missed):
            if self.parts.listener is not None and notice.happened != "dropped":
                events += self._lines(partial(self.parts.listener.lost, 0.0))
            events += self._say(lambda: self._grounder.lost(min(since, until), until))
        return events

    def _finish(self, wait: float) -> list[Event]:
        """The last events; `wait`: seconds that speech may still take."""
        if self._finished:
            return []
        self._finished = True
        listener = self.parts.listener
        events = self._lines(partial(listener.lost, wait)) if listener is not None else []
        return events + self._say(lambda: self._grounder.finish(self.clock))

    def _say(self, ask: Callable[[], list[Event]], what: str = "the end of a stretch") -> list[Event]:
        """The events that the grounder gives, told to everybody; none where it fails."""
        try:
            given = ask()
        except Exception as error:  # a watch runs on, unless its model was never there
            if isinstance(error, ModelError | MissingExtra) and not self._grounder.answered:
                self._finished = True  # nor is it asked at the end
                raise
            self._failed("model", error, what)
            return []
        for failure in self._grounder.failures():
            self._failed("model", InputError(failure), what)
        live = [replace(each, latency=self.wall.latency, wall=self.wall.utc(each.emitted)) for each in given]
        for event in live:
            self.tell(event)
        return live

    def _failed(self, part: str, error: Exception, what: str) -> None:
        """Say it the first time, the tenth, the hundredth."""
        count = self._troubles[part] = self._troubles.get(part, 0) + 1
        if set(str(count)[1:]) <= {"0"} and str(count)[0] == "1":
            reason = str(error) if isinstance(error, WhenaboutsError) else f"{type(error).__name__}: {error}"
            self.report(part, f"{what} could not be taken in: {reason}", count)

    def _bring_in_line(self) -> None:
        """Ask what is wanted now, and nothing else."""
        if self.parts.queries_file is not None:
            try:
                added, removed = self.parts.queries_file.changed()
                for query in removed:
                    with suppress(InputError):  # it was removed by another hand
                        self.remove(query)
                for query in added:
                    with suppress(InputError):  # it was added by another hand
                        self.add(query)
            except InputError as error:
                if "queries" not in self._troubles:
                    self._troubles["queries"] = 1
                    self.report("queries", str(error), 1)
            else:
                self._troubles.pop("queries", None)
        wanted, asked = self.wanted.queries, self._grounder.queries
        if wanted == asked:
            return
        for query in asked:
            if query not in wanted:
                self._grounder.remove(query)
                self.tell(Asked(query, False, self.clock))
        for query in wanted:
            if query in asked:
                continue
            try:
                self._grounder.add(query)
            except Exception as error:  # a watch runs on
                with suppress(InputError):
                    self.remove(query)
                self._failed("queries", error, f"the query {query!r}")
            else:
                self.tell(Asked(query, True, self.clock, self._grounder.notes(query)))

    def _save(self, saving: Saving) -> None:
        try:
            kept = self._grounder.snapshot()
        except Exception as error:  # a watch runs on
            self._failed("state", error, "the state")
            return
        saving.save(State(self._began.source, self._began.model, self.clock, time.time(), kept))

    def _end(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._source.close()
        try:
            if self._started and not self._over:
                self.tell(Notice("ended", self.clock, f"the watch was stopped at {self.clock:.1f} s"))
            self._finish(0.0)
        finally:  # also where nobody reads what is printed any more
            if self.parts.saving is not None:
                self._save(self.parts.saving)
            self.parts.close()
