"""A video of which only a stretch is seen, or no word is heard or read: what answers are compared on."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import VideoError
from whenabouts.evidence.subtitles import sidecars
from whenabouts.video import Video
from whenabouts.video.frame import Frame, Size

__all__ = ["Linked", "Painted"]

GREY = 128


class _View(Video):
    """A video seen through something; nothing is held in memory, and nothing can be cut from it."""

    said = ""

    def __init__(self, whole: Video) -> None:
        self.whole = whole
        self.path, self.probe, self.limits, self._failures = whole.path, whole.probe, whole.limits, whole._failures

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.whole.duration

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the hash of the video and of what is done to it, in hex."""
        return hashlib.sha256(f"{self.whole.sha256} {self.said}".encode()).hexdigest()

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """When each picture begins, in seconds."""
        return self.whole.times

    def sample(
        self, fps: float = 1.0, *, start: float = 0.0, end: float | None = None, size: Size = None
    ) -> Iterator[Frame]:
        """Like `Video.sample`."""
        return map(self._seen, self.whole.sample(fps, start=start, end=end, size=size))

    def at(self, times: Sequence[float], *, size: Size = None) -> Iterator[Frame]:
        """Like `Video.at`."""
        return map(self._seen, self.whole.at(times, size=size))

    def keyframes(self, *, size: Size = None) -> Iterator[Frame]:
        """Like `Video.keyframes`."""
        return map(self._seen, self.whole.keyframes(size=size))

    def around(
        self,
        time: float,
        radius: float = 1.0,
        fps: float | None = None,
        *,
        size: Size = None,
        most: int | None = None,
    ) -> Iterator[Frame]:
        """Like `Video.around`."""
        return map(self._seen, self.whole.around(time, radius, fps, size=size, most=most))

    def cut(self, start: float, end: float, out: str | PathLike[str], *, smart: bool = False) -> Path:
        """Raises VideoError: what is seen here is in no file."""
        raise VideoError("a changed view of a video is no file that could be cut or sent; let frames be sent instead")

    def _seen(self, frame: Frame) -> Frame:
        return frame


class Painted(_View):
    """The video with grey pictures outside [start, end), or inside it if `inside`; its words and sound stay.

    start, end: in shares of the video; a picture counts by when it begins
    """

    def __init__(self, whole: Video, start: float, end: float, *, inside: bool = False) -> None:
        super().__init__(whole)
        self.start, self.end, self.inside = start * whole.duration, end * whole.duration, inside
        self.said = f"grey {'inside' if inside else 'outside'} {start!r} {end!r}"

    def _seen(self, frame: Frame) -> Frame:
        if (self.start <= frame.time < self.end) != self.inside:
            return frame
        return Frame(frame.time, np.full_like(frame.image, GREY))


class Linked(_View):
    """The video under the same name in another folder: with its words, or without sound, subtitles and text tracks.

    Both are to be compared with each other, so that nothing differs but the words.
    """

    def __init__(self, whole: Video, folder: Path, *, words: bool) -> None:
        super().__init__(whole)
        self.said = f"words {words}"
        room = folder / self.sha256
        self.path = room / whole.path.name
        if not room.exists():
            room.mkdir(parents=True)
            for path in (whole.path, *(sidecars(whole.path) if words else ())):
                _link(path, room / path.name)
        probe = dataclasses.replace(whole.probe, path=self.path)
        self.probe = probe if words else dataclasses.replace(probe, audio=(), subtitles=())


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source.resolve())
    except OSError:  # a system, or a disk, without links
        shutil.copyfile(source, target)
