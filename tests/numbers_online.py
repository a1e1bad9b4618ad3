"""An online grounder that reads the numbers of the pictures that `media.make_video` writes."""

from __future__ import annotations

from typing import Any, ClassVar

from media import read_number
from numpy.typing import NDArray

from whenabouts.errors import QueryError
from whenabouts.grounders.stream import Event, OnlineGrounder


class Numbers(OnlineGrounder):
    """The query "25 to 50" happens while pictures with the numbers 25 to 49 are on show.

    late: pictures after which it is told that something began
    """

    name: ClassVar[str] = "numbers"

    def __init__(self, model: str = "exact", fps: float = 5.0, late: int = 0) -> None:
        super().__init__()
        self.model, self.fps, self.late = model, fps, late
        self.seen: list[tuple[float, int]] = []

    def added(self, query: str) -> None:
        """Refuse what is no two numbers."""
        if not query.replace(" to ", "").isdigit():
            raise QueryError(f"{query!r} is not two numbers")

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        """Tell of each query whose numbers begin or end."""
        number = read_number(frame)
        self.seen.append((t, number))
        events: list[Event] = []
        for query in self.queries:
            low, high = map(int, query.split(" to "))
            [*going_on] = self.ledger.open(query)
            inside = [time for time, each in self.seen if low <= each < high]
            if low <= number < high and not going_on and len(inside) > self.late:
                events.append(self.ledger.start(query, inside[0], 0.8, t)[1])
            elif low <= number < high and going_on:
                events.append(self.ledger.update(going_on[0], t, score=0.9))
            elif going_on:
                events.append(self.ledger.end(going_on[0], t, t))
        return events

    def settings(self) -> dict[str, Any]:
        """Names that settings of all grounders have too."""
        return super().settings() | {"model": self.model, "threshold": 0.4}

    @property
    def resident_bytes(self) -> int:
        """Two numbers of each picture."""
        return 16 * len(self.seen)
