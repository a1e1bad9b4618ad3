"""What a child process may take for one subject."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from whenabouts.errors import QueryError

__all__ = ["GIB", "ChildLimits"]

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Bounds of a child process; one that goes beyond is ended, and what it read counts as unreadable.

    memory: bytes beyond what the bare process takes, looked at ten to a hundred times a second; on Linux alone. A
            video of 4K takes up to 450 million, one of 8K up to 1,800 million
    cpu:    seconds of CPU time that reading may take without getting on: no further picture, no further stretch of file
    wall:   seconds by the clock that it may, as on a network drive that is gone

    What gets on may take as long as it needs: hours of video are no fault.
    """

    memory: int = 640 << 20
    cpu: float = 20.0
    wall: float = 300.0

    @classmethod
    def parse(cls, given: Iterable[str]) -> Self:
        """Limits from NAME=NUMBER, memory in GiB; those that are not given stay as they are. Raises QueryError.

        >>> ChildLimits.parse(["memory=2.5", "cpu=60"])
        ChildLimits(memory=2684354560, cpu=60.0, wall=300.0)
        >>> ChildLimits.parse(["disk=3"])
        Traceback (most recent call last):
        whenabouts.errors.QueryError: disk=3 is not a limit; give memory=GIB, cpu=SECONDS or wall=SECONDS
        """
        numbers: dict[str, float] = {}
        for each in given:
            name, _, number = each.partition("=")
            try:
                numbers[name] = float(number)
            except ValueError:
                numbers[name] = math.nan
            if name not in cls.__slots__ or not 0 < numbers[name] < math.inf:
                raise QueryError(f"{each} is not a limit; give memory=GIB, cpu=SECONDS or wall=SECONDS")
        if "memory" in numbers:
            return cls(**numbers | {"memory": int(numbers["memory"] * GIB)})  # type: ignore[arg-type]
        return cls(**numbers)  # type: ignore[arg-type]
