"""How a watch stands: what a terminal and the page show of it. Bounded, whatever the length of the stream."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock

from whenabouts.commands.watching.told import Asked, Began, Clip, Told, Trouble
from whenabouts.grounders.stream.event import Event
from whenabouts.video.live.arrival import Notice

__all__ = ["Board", "Standing"]

NEWEST = 5  # notices and troubles that are kept
MOST_OPEN = 100  # moments of one query that are kept as going on


@dataclass(slots=True)
class Standing:
    """A standing query: the moments that go on, by their numbers, the last that ended, and how many there were."""

    query: str
    going_on: dict[int, Event] = field(default_factory=dict)
    last: Event | None = None
    moments: int = 0

    def take(self, event: Event) -> None:
        """Note what was told of one of its moments."""
        self.moments = max(self.moments, event.number)
        if event.state == "ended":
            self.going_on.pop(event.number, None)
            self.last = event
            return
        self.going_on[event.number] = event
        while len(self.going_on) > MOST_OPEN:
            del self.going_on[next(iter(self.going_on))]


class Board:
    """Keeps the newest state of everything that was told; call it with each."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._standing: dict[str, Standing] = {}
        self.newest: deque[Notice | Trouble | Clip] = deque(maxlen=NEWEST)
        self.events = self.clips = self.troubles = 0
        self.lost = False  # whether the source is away now
        self.source = self.model = ""

    def __call__(self, told: Told) -> None:
        """Take in what was told."""
        with self._lock:
            match told:
                case Began():
                    self.source, self.model = told.source, told.model
                    self._standing = {query: Standing(query) for query in told.queries}
                case Event():
                    self.events += told.state == "ended"
                    self._standing.setdefault(told.query, Standing(told.query)).take(told)
                case Asked(query=query, asked=True):
                    self._standing.setdefault(query, Standing(query))
                case Asked(query=query):
                    self._standing.pop(query, None)
                case Notice():
                    self.lost = told.happened == "lost" or (self.lost and told.happened not in {"resumed", "ended"})
                    self.newest.append(told)
                case Trouble() | Clip():
                    self.troubles += isinstance(told, Trouble)
                    self.clips += isinstance(told, Clip)
                    self.newest.append(told)

    @property
    def standing(self) -> list[Standing]:
        """The standing queries, oldest first, as they are now."""
        with self._lock:
            return [
                Standing(each.query, dict(each.going_on), each.last, each.moments) for each in self._standing.values()
            ]
