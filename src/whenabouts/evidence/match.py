"""`Match`: lines of a transcript that answer a query, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

from whenabouts.evidence.timed_text import TimedText

__all__ = ["Match"]


@dataclass(frozen=True, slots=True)
class Match:
    """`lines` that answer a query, from `start` to `end` in seconds on the video's own clock.

    `probability` is calibrated: P(these lines answer the query), in [0, 1].
    """

    start: float
    end: float
    lines: tuple[TimedText, ...]
    probability: float
