"""`Event`: what an online grounder tells of a moment: that it started, what is known better by now, that it ended."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

from whenabouts.errors import AnnotationError, MomentError
from whenabouts.moment import Evidence

__all__ = ["Event", "State"]

State = Literal["started", "updated", "ended"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing told about one moment of a standing query; times are seconds on the clock of the stream.

    number:   which moment of this query it is, counted from 1; an ended one is never told of again
    start:    where it begins, as far as is known now
    end:      where it ends; None while it goes on, and in an ended one of which nothing is known from its start on
    score:    confidence in [0, 1]; a probability where the method is calibrated
    emitted:  the clock of the stream when this was told: the newest picture that had been looked at
    latency:  seconds from the arrival of that picture until this was told, on the wall; None where nobody measured
    seen_end: False where the end was not seen: the stream broke off or ended while the moment went on
    evidence: what it was found by; words are quoted
    wall:     the same instant as `emitted` in UTC (ISO 8601), for a live source

    Raises MomentError.
    """

    query: str
    number: int
    state: State
    start: float
    end: float | None
    score: float
    emitted: float
    latency: float | None = None
    seen_end: bool = True
    evidence: tuple[Evidence, ...] = ()
    wall: str | None = None

    def __post_init__(self) -> None:
        known = [self.start, self.emitted, self.score, *([] if self.end is None else [self.end])]
        if not all(math.isfinite(value) for value in known) or self.start < 0:
            raise MomentError(f"an event needs finite times and start >= 0, got {known}")
        if self.end is not None and self.end <= self.start:
            raise MomentError(f"an event needs start < end, got start={self.start}, end={self.end}")
        if self.end is not None and self.state != "ended":
            raise MomentError(f"an event has no end before it ended, got {self.state} with end={self.end}")
        if self.end is None and self.state == "ended" and self.seen_end:
            raise MomentError("an event that ended has an end, unless that was not seen")

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: one row of a file of events."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Event:
        """Read `to_dict`'s form. Raises AnnotationError naming the first field that is wrong."""
        from pydantic import TypeAdapter, ValidationError

        try:
            return TypeAdapter(cls).validate_python(row)
        except ValidationError as error:
            fault = error.errors()[0]
            field = ".".join(map(str, fault["loc"]))
            message = fault["msg"].removeprefix("Value error, ")
            raise AnnotationError(
                f"{f'the field {field}: ' if field else ''}{message[:1].lower()}{message[1:]}"
            ) from None
        except MomentError as error:
            raise AnnotationError(str(error)) from None
