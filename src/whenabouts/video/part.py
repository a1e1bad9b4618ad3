"""A part of a video that behaves as a video of its own, so that any grounder can be run on it alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.video.frame import Frame, Size
from whenabouts.video.video import Video

__all__ = ["Part"]

Result = TypeVar("Result")


class Part(Video):
    """[start, end) of `whole`, in seconds, on a clock of its own that begins with 0. Raises InputError.

    `path` and `probe` are those of the file; `sha256` covers the file and the bounds of the part.
    """

    def __init__(self, whole: Video, start: float, end: float) -> None:
        if not 0 <= start < min(end, whole.duration):
            raise InputError(f"a part needs 0 <= start < end within {whole.duration:.3f} s, got {start} to {end}")
        self.whole, self.start, self.end = whole, start, min(end, whole.duration)
        self.path, self.probe, self.limits = whole.path, whole.probe, whole.limits
        self.failures = whole.failures

    def __repr__(self) -> str:
        return f"Part({self.whole!r}, {self.start:.3f}, {self.end:.3f})"

    @property
    def duration(self) -> float:
        """Length of the part in seconds."""
        return self.end - self.start

    @property
    def files(self) -> tuple[Video, ...]:
        """Those of the whole."""
        return self.whole.files

    def notes_between(self, start: float, end: float) -> tuple[str, ...]:
        """Like `Video.notes_between`, with times relative to the part."""
        return self.whole.notes_between(self.start + start, min(self.start + end, self.end))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file's hash and the bounds of the part, in hex."""
        return hashlib.sha256(f"{self.whole.sha256} {self.start!r} {self.end!r}".encode()).hexdigest()

    def sample(
        self, fps: float = 1.0, *, start: float = 0.0, end: float | None = None, size: Size = None
    ) -> Iterator[Frame]:
        """Like `Video.sample`, with times relative to the part; a picture that began before it has time 0."""
        last = self.duration if end is None else min(end, self.duration)
        frames = self.whole.sample(fps, start=self.start + start, end=self.start + last, size=size)
        return (self._shifted(frame) for frame in frames)

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """When each picture of the part begins; the one on show at its start begins at 0."""
        whole = self.whole.times
        first = max(0, int(np.searchsorted(whole, self.start, "right")) - 1)
        last = max(first + 1, int(np.searchsorted(whole, self.end, "left")))
        return np.maximum(0.0, whole[first:last] - self.start)

    def at(self, times: Sequence[float], *, size: Size = None) -> Iterator[Frame]:
        """Like `Video.at`, with times relative to the part; a picture that began before it has time 0."""
        frames = self.whole.at([self.start + time for time in times], size=size)
        return (self._shifted(frame) for frame in frames)

    def keyframes(self, *, size: Size = None) -> Iterator[Frame]:
        """Keyframes that begin within the part; those before it are read and skipped."""
        for frame in self.whole.keyframes(size=size):
            if frame.time >= self.end:
                return
            if frame.time >= self.start:
                yield self._shifted(frame)

    def around(
        self,
        time: float,
        radius: float = 1.0,
        fps: float | None = None,
        *,
        size: Size = None,
        most: int | None = None,
    ) -> Iterator[Frame]:
        """Like `Video.around`, with times relative to the part."""
        for frame in self.whole.around(self.start + time, radius, fps, size=size, most=most):
            if self.start <= frame.time < self.end:
                yield self._shifted(frame)

    def cut(self, start: float, end: float, out: str | PathLike[str], *, smart: bool = False) -> Path:
        """Like `Video.cut`, with times relative to the part."""
        return self.whole.cut(self.start + start, min(self.start + end, self.end), out, smart=smart)

    def read(self, reading: Callable[..., Result], *arguments: Any) -> Result:
        """Like `Video.read` of the whole."""
        return self.whole.read(reading, *arguments)

    def _shifted(self, frame: Frame) -> Frame:
        return Frame(max(0.0, frame.time - self.start), frame.image)
