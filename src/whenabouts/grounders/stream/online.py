"""What an online grounder is: it is shown a stream piece by piece and tells of moments while they happen.

It never asks for the end of the stream, and what it keeps is bounded for ever.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from numbers import Real
from typing import Any, ClassVar

from numpy.typing import NDArray

from whenabouts.errors import InputError, QueryError
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.ledger import Ledger
from whenabouts.query import queries_of

__all__ = ["OnlineGrounder"]

TIMED = ("push", "hear", "lost", "finish")  # methods that are told times


def _at_finite_times(method: Callable[..., list[Event]]) -> Callable[..., list[Event]]:
    """The method, which refuses a time that is not finite before anything changes."""

    @wraps(method)
    def checked(self: OnlineGrounder, *given: Any, **named: Any) -> list[Event]:
        for value in (*given, *named.values()):
            if isinstance(value, Real) and not math.isfinite(value):
                raise InputError(f"the times of a stream must be finite numbers of seconds, got {value}")
        return method(self, *given, **named)

    return checked


class OnlineGrounder(ABC):
    """Standing queries on a stream: `push` what arrives, in order, and receive events.

    fps:   pictures a second that the method wants; more may be pushed, and are looked at or not as it decides
    size:  side of the square pictures it wants, in pixels; None: any upright picture, uint8 (H, W, 3) RGB
    hears: kinds of lines that will come, "said" or "written", set by whoever gives them, so that notes are true

    Every method gives events as `Ledger` makes them. A moment whose end was not seen, because the stream was lost or
    ended, is never ended as if it had been: its last event says `seen_end=False`. A time that is not finite raises
    InputError before anything changes.
    """

    name: ClassVar[str]
    fps: float = 1.0
    size: int | None = None
    hears: frozenset[str] = frozenset()

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        for name in TIMED:
            if name in vars(cls):
                setattr(cls, name, _at_finite_times(vars(cls)[name]))

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._queries: list[str] = []

    @property
    def queries(self) -> tuple[str, ...]:
        """The standing queries, in the order they were added."""
        return tuple(self._queries)

    def add(self, query: str) -> None:
        """Ask one more query from now on. Raises QueryError for one that is empty or asked already, ModelError."""
        [query] = queries_of([query])
        if query in self._queries:
            raise QueryError(f"the query {query!r} is asked already")
        self._queries.append(query)
        self.added(query)

    def remove(self, query: str) -> None:
        """Ask a query no longer and drop its open moments, without an event. Raises QueryError if it is not asked."""
        if query not in self._queries:
            raise QueryError(f"the query {query!r} is not asked")
        self._queries.remove(query)
        self.ledger.forget(query)
        self.removed(query)

    def notes(self, query: str) -> tuple[str, ...]:
        """What whoever asks a standing query must know, such as that a part of it is not applied."""
        return ()

    def added(self, query: str) -> None:  # noqa: B027
        """Called after a query was added: make ready for it."""

    def removed(self, query: str) -> None:  # noqa: B027
        """Called after a query was removed: forget what belongs to it."""

    @abstractmethod
    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        """Look at what was on show at `t` (seconds, never decreasing): a picture, or the features a head takes (D,)."""

    @_at_finite_times
    def hear(self, line: TimedText, t: float) -> list[Event]:
        """Take in a line of speech or text that was complete at `t`; methods that only look give nothing."""
        return []

    @_at_finite_times
    def lost(self, since: float, until: float) -> list[Event]:
        """Know that nothing is known of the seconds from `since` to `until`; what comes next is at `until` or later.

        By default every open moment ends unseen at `since`, and without an end where it would start no earlier.
        """
        return [
            self.ledger.break_off(moment, since, until) for query in self._queries for moment in self.ledger.open(query)
        ]

    @_at_finite_times
    def finish(self, t: float) -> list[Event]:
        """The stream truly ended at `t`: what is still open ends with it, unseen."""
        return self.lost(t, t)

    @property
    def answered(self) -> bool:
        """False until its model answered once, where a ModelError or MissingExtra before that will not pass."""
        return True

    def failures(self) -> list[str]:
        """What went wrong since this was asked last, a sentence each, such as why a model did not answer."""
        return []

    def snapshot(self) -> dict[str, Any]:
        """What another run needs to go on, as plain values that JSON holds; queries and open moments at least."""
        return {"fps": self.fps, "queries": list(self._queries), "ledger": self.ledger.snapshot()}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot; on a grounder that was asked nothing.

        Raises InputError if it is another's, or one that looked at more or fewer pictures a second.
        """
        if (fps := kept.get("fps", self.fps)) != self.fps:
            raise InputError(
                f"this state was saved at {fps:g} pictures a second, not {self.fps:g}; give that fps again"
            )
        for query in kept["queries"]:
            self.add(query)
        self.ledger.restore(kept["ledger"])

    @property
    def resident_bytes(self) -> int:
        """Bytes that it keeps of the stream, its weights left out."""
        return 0

    @property
    def models(self) -> dict[str, str]:
        """The sha256 of the weights that take part, by name of the model, for receipts."""
        return {}

    def settings(self) -> dict[str, Any]:
        """Settings that shape its events, for receipts."""
        return {"fps": self.fps}
