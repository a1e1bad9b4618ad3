"""What arrives from a live source, in order: pictures, sound, and what happened to the source itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from whenabouts.video.frame import Frame

__all__ = ["Arrival", "Happened", "LiveSource", "Notice", "Sound"]

Happened = Literal["lost", "resumed", "stalled", "jumped", "dropped", "damaged", "ended"]


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Mono sound of 16,000 samples a second, float32 in [-1, 1], whose first sample is heard at `time` (seconds)."""

    time: float
    samples: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened to a source, on the clock of the stream.

    lost:    it broke off at `time`; it is opened again and again
    resumed: it is back; nothing is known of the seconds from `since` to `time`
    stalled: it is open, but nothing came from `since` to `time`
    jumped:  its own clock stepped at `time`, and that of the stream goes on without a step
    dropped: pictures between `since` and `time` were passed over, since the reader was too slow; `count` says how many
    damaged: `count` packets could not be decoded
    ended:   it truly ended at `time`: the end of a file, or it was closed by whoever reads it

    `text` says it in one sentence.
    """

    happened: Happened
    time: float
    text: str
    since: float | None = None
    count: int = 0


Arrival = Frame | Sound | Notice


class LiveSource(Protocol):
    """Pictures, sound and notices as they come; iterating waits for the next, and ends only with the source.

    Times are seconds on the clock of the stream: 0 is its first picture or sample (or where a resumed run goes on), no
    time is less than one before it of the same kind, and a second of it is a second of the source. Where the source was
    lost, the clock goes on with the time that passed on the wall.
    """

    @property
    def name(self) -> str:
        """The source as a person named it, without passwords."""
        ...

    def __iter__(self) -> Iterator[Arrival]:
        """Everything that arrives; raises VideoError only where the source can never be read."""
        ...

    def utc(self, time: float) -> datetime | None:
        """When, in UTC, what is at `time` (seconds of the stream) happened; None where nobody knows."""
        ...

    def close(self) -> None:
        """End the iteration, from any thread."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
