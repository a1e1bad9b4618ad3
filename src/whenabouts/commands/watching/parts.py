"""What a watch may have beside a source and a grounder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from whenabouts.commands.watching.asked import QueriesFile
from whenabouts.commands.watching.sinks.clips import Clips
from whenabouts.commands.watching.state import Saving
from whenabouts.commands.watching.told import Told
from whenabouts.evidence.timed_text import TimedText
from whenabouts.video.live.arrival import Sound

__all__ = ["Listener", "Parts", "Sink"]


class Listener(Protocol):
    """Turns sound into lines of speech, which come some seconds after they were spoken.

    dropped: pieces of sound that were not listened to, since that took too long
    """

    dropped: int

    def push(self, sound: Sound) -> list[TimedText]:
        """Take in sound; the lines that are complete by it."""
        ...

    def lost(self, wait: float) -> list[TimedText]:
        """The sound breaks off here: the lines that are complete within `wait` seconds; others come later."""
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


class Sink(Protocol):
    """Takes everything that is told, at once and without failing, and ends its work with `close`."""

    def __call__(self, told: Told) -> None:
        """Take what is told."""
        ...

    def close(self) -> None:
        """Do what is left to do, within some seconds."""
        ...


@dataclass(slots=True)
class Parts:
    """What a watch may have beside a source and a grounder."""

    listener: Listener | None = None
    queries_file: QueriesFile | None = None
    saving: Saving | None = None
    clips: Clips | None = None
    sinks: list[Sink] = field(default_factory=list)

    def tell(self, told: Told) -> None:
        """Give what is told to the parts that take it."""
        for each in [*([self.clips] if self.clips is not None else []), *self.sinks]:
            each(told)

    def close(self) -> None:
        """End the work of all parts; the sinks last, as they are told of it."""
        for part in (self.listener, self.clips, self.saving, *self.sinks):
            if part is not None:
                part.close()
