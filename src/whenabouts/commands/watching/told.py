"""Everything that a watch tells, and its JSON form: one row of a file of events each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from whenabouts.files.json import finite
from whenabouts.grounders.stream.event import Event
from whenabouts.version import __version__
from whenabouts.video.live.arrival import Notice

__all__ = ["Asked", "Began", "Clip", "Tell", "Told", "Trouble", "row", "utc"]


@dataclass(frozen=True, slots=True)
class Began:
    """The receipt of a run, told before anything else.

    time:    where the clock of the stream begins, in seconds; not 0 where the run goes on with a state
    models:  sha256 of the weights that take part, by name
    notes:   what must be known of a query, such as that a part of it is not applied, by query
    """

    source: str
    model: str
    queries: tuple[str, ...]
    time: float = 0.0
    resumed: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query was added while the watch ran, or removed (`asked` is False), at `time` on the clock of the stream.

    notes: what must be known of it
    """

    query: str
    asked: bool
    time: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """A moment was cut out of the stream into a file that holds `start` to `end`, in seconds of the stream.

    note: what it lacks
    """

    query: str
    number: int
    path: str
    start: float
    end: float
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part of the watch could not do its work at `time`; the rest runs on. `count`: how often, so far."""

    part: str
    time: float
    text: str
    count: int = 1


Told = Began | Event | Notice | Asked | Clip | Trouble
Tell = Callable[[Told], None]

TYPES = {Began: "watch", Event: "event", Notice: "notice", Asked: "query", Clip: "clip", Trouble: "trouble"}


def row(told: Told) -> dict[str, Any]:
    """The JSON form: `type` says what it is; `wall` is the time in UTC, of an event that of `emitted` if it is live."""
    if isinstance(told, Event):
        return {"type": "event", **finite(told.to_dict())}
    kind = {"type": TYPES[type(told)]} | ({"version": __version__} if isinstance(told, Began) else {})
    return {**kind, **finite(dataclasses.asdict(told)), "wall": utc()}


def utc(moment: datetime | None = None) -> str:
    """A time in UTC, or now, to the millisecond: 2026-11-27T00:10:45.120Z."""
    return f"{(moment or datetime.now(UTC)).astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"
