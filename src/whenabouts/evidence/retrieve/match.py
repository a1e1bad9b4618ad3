"""`Match`: lines that answer a query, with the probability that they do."""

from __future__ import annotations

from dataclasses import dataclass

from whenabouts.evidence.timed_text import TimedText
from whenabouts.moment import Evidence, Moment

__all__ = ["Match"]


@dataclass(frozen=True, slots=True)
class Match:
    """Neighbouring `lines`, at least one, from `start` to `end` in seconds, and P(they answer the query), in [0, 1]."""

    start: float
    end: float
    lines: tuple[TimedText, ...]
    probability: float

    def moment(self) -> Moment:
        """The moment at which the lines are heard or seen, which quotes them."""
        evidence = tuple(Evidence(line.kind, line.start, line.end, line.text) for line in self.lines)
        return Moment(self.start, self.end, round(self.probability, 4), evidence)
