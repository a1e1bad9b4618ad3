"""What became of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["FINE", "Outcome", "Wrong"]

FINE = ("answered", "refused")  # anything else is a fault:
# traceback  an exception that is not a WhenaboutsError
# wrong      an answer that cannot be true, such as a moment after the end, or a refusal that is no sentence
# hang       more than 20 seconds of CPU
# memory     more than 1 GB
# crash      the process died


class Wrong(AssertionError):
    """An answer that cannot be true."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case's end.

    place:  of a fault: the type of the exception and the last line of ours, which tells kinds of faults apart
    detail: the refusal, or the traceback
    cpu:    seconds; peak: bytes of the whole process
    """

    verdict: str
    place: str = ""
    detail: str = ""
    cpu: float = 0.0
    peak: int = 0

    @property
    def fine(self) -> bool:
        """Whether this is as it should be."""
        return self.verdict in FINE

    @property
    def kind(self) -> tuple[str, str]:
        """Equal for faults that are the same."""
        return self.verdict, self.place

    @classmethod
    def of(cls, told: dict[str, Any]) -> Outcome:
        """What a child told."""
        return cls(**told)
