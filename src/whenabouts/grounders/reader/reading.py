"""What a reader found: lines with a quote from them, and what it did not get to read."""

from __future__ import annotations

from dataclasses import dataclass

from whenabouts.evidence.timed_text import TimedText

__all__ = ["ReaderAnswer", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Neighbouring lines that a reader named for a query, and words that it quoted and that stand in them."""

    lines: tuple[TimedText, ...]
    quote: str

    @property
    def start(self) -> float:
        """Seconds on the video's own clock."""
        return min(line.start for line in self.lines)

    @property
    def end(self) -> float:
        """Seconds on the video's own clock."""
        return max(line.end for line in self.lines)


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """What a reader found for one query.

    readings: in order of time
    unread:   lines that it was not shown, or about which it said nothing that is true; nothing is known of them
    notes:    what was left out, and why
    """

    readings: tuple[Reading, ...] = ()
    unread: tuple[TimedText, ...] = ()
    notes: tuple[str, ...] = ()
