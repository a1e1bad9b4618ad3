"""What the clips of a watch are cut from."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from whenabouts.commands.watching.told import Told
from whenabouts.errors import VideoError
from whenabouts.video import Video
from whenabouts.video.live.arrival import Notice
from whenabouts.video.live.clip import Clip

__all__ = ["Cut", "OfFile"]


class Cut(Protocol):
    """Writes what there is of `start` to `end`, in seconds of the stream.

    Raises InputError where nothing of it is there, VideoError where it cannot be written.
    """

    def __call__(self, start: float, end: float, out: Path) -> Clip:
        """Write a clip."""
        ...


class OfFile:
    """Cuts clips from a file that is complete, as it is read far ahead of what is looked at.

    After the clock of the file jumped, that of the stream is another one, and no more can be cut.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jumped: float | None = None

    def told(self, told: Told) -> None:
        """Take notice of jumps."""
        if isinstance(told, Notice) and told.happened == "jumped" and self._jumped is None:
            self._jumped = told.time if told.since is None else told.since

    def clip(self, start: float, end: float, out: Path) -> Clip:
        """See `Cut`."""
        if self._jumped is not None and end > self._jumped:
            raise VideoError(f"the clock of the file jumped at {self._jumped:.1f} s, and no clip is cut after that")
        with Video(self._path) as video:
            end = min(end, video.duration)
            return Clip(video.cut(start, end, out, smart=True), start, end)
