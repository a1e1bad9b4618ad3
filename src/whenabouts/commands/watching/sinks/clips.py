"""Each moment that ended as a clip, with some seconds before and after it."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from whenabouts.commands.watching.cutting import Cut
from whenabouts.commands.watching.sinks.background import Background, Report
from whenabouts.commands.watching.told import Clip, Tell, Told
from whenabouts.errors import InputError
from whenabouts.grounders.stream.event import Event

__all__ = ["Clips", "file_name"]

MOST = 100  # moments that wait for the seconds after them
NAME_CHARS = 40  # of a query in the name of a file


@dataclass(frozen=True, slots=True)
class _Wanted:
    event: Event
    start: float
    end: float


class Clips:
    """Cuts a clip of each moment once the seconds after it have arrived; `at` says how far the stream is.

    pre, post: seconds before and after a moment
    longest:   seconds of a moment; of one that is longer only the last are kept

    Raises InputError where the folder cannot be made.
    """

    def __init__(
        self, folder: Path, cut: Cut, tell: Tell, report: Report, *, pre: float, post: float, longest: float
    ) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot be made: {(error.strerror or str(error)).lower()}") from None
        self._folder, self._cut, self._tell = folder, cut, tell
        self._pre, self._post, self._longest = pre, post, longest
        self._waiting: deque[_Wanted] = deque()
        self._report = report
        self._background: Background[_Wanted] = Background("clips", self._write, report, limit=MOST)

    def __call__(self, told: Told) -> None:
        """Note a moment that ended."""
        if isinstance(told, Event) and told.end is not None:
            start = max(0.0, told.start - self._pre, told.end - self._longest - self._pre)
            self._waiting.append(_Wanted(told, start, told.end + self._post))
            if len(self._waiting) > MOST:
                self._background.put(self._waiting.popleft())

    def at(self, time: float) -> None:
        """The stream has arrived at `time`: cut what is complete."""
        while self._waiting and self._waiting[0].end < time:
            self._background.put(self._waiting.popleft())

    def close(self) -> None:
        """Cut what waits, as far as it has arrived, and end."""
        while self._waiting:
            self._background.put(self._waiting.popleft())
        self._background.close()

    def _write(self, wanted: _Wanted) -> None:
        event, path = wanted.event, self._folder / file_name(wanted.event)
        clip = self._cut(wanted.start, wanted.end, path)
        self._tell(Clip(event.query, event.number, str(clip.path), clip.start, clip.end, clip.note))


def file_name(event: Event) -> str:
    """A name that any file system takes: when it is, which query, and which of its moments.

    >>> file_name(Event("a dog / barks!", 2, "ended", 12.5, 14.0, 0.9, 15.0))
    '00012.500 a-dog-barks 2 039e.mp4'
    """
    words = "".join(letter if letter.isalnum() else " " for letter in event.query).split()
    short = hashlib.sha256(event.query.encode("utf-8", "surrogatepass")).hexdigest()[:4]  # of queries that look alike
    return f"{event.start:09.3f} {'-'.join(words)[:NAME_CHARS]} {event.number} {short}.mp4"
