"""A video that shows pictures of other videos in an order of its own; nothing is encoded for it."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from os import PathLike, devnull
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.video.clock import NANOSECOND, Grid
from whenabouts.video.damage.failures import Failures
from whenabouts.video.edit.pieces import PiecedVideo, of_files
from whenabouts.video.edit.write import write
from whenabouts.video.frame import Frame, Painter, Size
from whenabouts.video.probe import Probe
from whenabouts.video.source import shown
from whenabouts.video.video import Video

__all__ = ["Shown", "View"]

HELD_BYTES = 2**28  # of pictures that are decoded forwards and shown backwards


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Which pictures are on show, in order.

    times:  (N,) float64 when each begins, on the clock of the view, increasing
    source: (N,) number of the video it is taken from
    stamps: (N,) float64 when it begins there
    """

    times: NDArray[np.float64]
    source: NDArray[np.intp]
    stamps: NDArray[np.float64]


class View(PiecedVideo):
    """A video over others that behaves as a video for any grounder.

    Pictures of the second and further `sources` are squeezed to the size of those of the first. `path` names no file,
    so nothing that reads a file can take the unedited one for this; sound and subtitles come through `pieces`.
    `sha256` covers what is shown: that of the sources and `description`, and is never that of a file.
    """

    def __init__(self, sources: Sequence[Video], duration: float, *, rated: bool = True) -> None:
        self.sources = tuple(sources)
        first = self.sources[0]
        self.path, self.limits = Path(devnull) / f"{first.path.name} (edited)", first.limits
        self.failures = first.failures
        self._duration = duration
        self._rated = rated

    @property
    @abstractmethod
    def description(self) -> str:
        """All that decides what is shown, besides the sources."""

    @abstractmethod
    def _shown(self) -> Shown:
        """Which pictures are on show; asked for once."""

    @cached_property
    def shown(self) -> Shown:
        """Which pictures are on show. The times of all pictures of the sources are read for it, 24 bytes each."""
        return self._shown()

    @cached_property
    def probe(self) -> Probe:  # type: ignore[override]  # a file is probed when it is opened, a view when it is asked
        """That of the first source, with the length, the pictures and the sound of this one; no file, no text track."""
        first = self.sources[0].probe
        audio = next((piece.video.probe.audio for piece in self.pieces if piece.video.probe.audio), ())
        return replace(
            first,
            path=self.path,
            container="view",
            duration=self._duration,
            start_time=0.0,
            average_rate=first.average_rate if self._rated else None,
            variable_rate=first.variable_rate if self._rated else True,
            frames=len(self.shown.times),
            audio=audio,
            subtitles=(),
            timecode=None,
        )

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self._duration

    @property
    def decode_failures(self) -> int:
        """Those of all sources so far."""
        return sum(failures.count for failures in self._all_failures())

    @property
    def decoded_pictures(self) -> int:
        """Those of all sources so far."""
        return sum(failures.decoded for failures in self._all_failures())

    @property
    def files(self) -> tuple[Video, ...]:
        """Those of all that is shown."""
        sources = {id(piece.video): piece.video for piece in of_files(self)}.values()
        return tuple(file for source in sources for file in source.files)

    def notes_between(self, start: float, end: float) -> tuple[str, ...]:
        """Those of the files, with times on their own clocks, wherever what is lost would be shown."""
        return tuple(f"of {shown(file.path.name)}: {note}" for file in self.files for note in file.notes)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the sources' own and of what is done to them, in hex."""
        parts = " ".join(video.sha256 for video in self.sources)
        return hashlib.sha256(f"{type(self).__name__} {parts} {self.description}".encode()).hexdigest()

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """When each picture begins, in seconds."""
        return self.shown.times

    def sample(
        self, fps: float = 1.0, *, start: float = 0.0, end: float | None = None, size: Size = None
    ) -> Iterator[Frame]:
        """Like `Video.sample`."""
        grid = Grid.of(fps, start, self.duration if end is None else min(end, self.duration))
        return self._frames_of(self._on_show([float(grid[k]) for k in range(grid.count)]), size)

    def at(self, times: Sequence[float], *, size: Size = None) -> Iterator[Frame]:
        """Like `Video.at`."""
        if any(after < before for before, after in pairwise(times)):
            raise InputError("times must not decrease")
        return self._frames_of(self._on_show(times), size)

    def keyframes(self, *, size: Size = None) -> Iterator[Frame]:
        """The first picture, and those that are keyframes of the sources."""
        return self._frames_of(self._keyframes, size)

    def around(
        self,
        time: float,
        radius: float = 1.0,
        fps: float | None = None,
        *,
        size: Size = None,
        most: int | None = None,
    ) -> Iterator[Frame]:
        """Like `Video.around`; `most` bounds the pictures that are given, not those decoded on the way to them."""
        if not radius >= 0:
            raise InputError(f"radius must be at least 0 seconds, got {radius}")
        start, end = max(0.0, time - radius), min(time + radius, self.duration)
        if fps is not None:
            return self.sample(fps, start=start, end=end, size=size)
        first, last = self._on_show([start, end])
        numbers = np.arange(first, last + 1)
        return self._frames_of(numbers if most is None or len(numbers) <= most else numbers[:0], size)

    def cut(self, start: float, end: float, out: str | PathLike[str], *, smart: bool = False) -> Path:
        """Write [start, end) as a clip, encoded anew whatever `smart` says. Raises InputError, VideoError."""
        return write(self, Path(out), start, end)

    def _all_failures(self) -> list[Failures]:
        def below(video: Video) -> Iterator[Failures]:
            if isinstance(video, View):
                for source in video.sources:
                    yield from below(source)
            else:
                yield video.failures

        return list({id(failures): failures for failures in below(self)}.values())

    def _on_show(self, times: Sequence[float]) -> NDArray[np.intp]:
        """The last picture that began by each time, give or take a nanosecond, or the first."""
        found = np.searchsorted(self.times, np.asarray(times, np.float64) + float(NANOSECOND), "right") - 1
        return np.maximum(0, found)

    @cached_property
    def _keyframes(self) -> NDArray[np.intp]:
        own = np.zeros(len(self.times), bool)
        own[0] = True
        for number, video in enumerate(self.sources):
            stamps = np.unique([frame.time for frame in video.keyframes(size=8)])
            own |= (self.shown.source == number) & np.isin(self.shown.stamps, stamps)
        return np.flatnonzero(own)

    def _frames_of(self, numbers: NDArray[np.intp], size: Size) -> Iterator[Frame]:
        Painter(size)  # a bad size raises here, not at the first frame
        return self._taken(numbers, size)

    def _taken(self, numbers: NDArray[np.intp], size: Size) -> Iterator[Frame]:
        """The pictures of these numbers, a picture that comes again at once as the same frame."""
        last: tuple[int, Frame] | None = None
        for number, image in self._images(numbers, size):
            if last is None or last[0] != number:
                last = number, Frame(float(self.times[number]), image)
            yield last[1]

    def _images(self, numbers: NDArray[np.intp], size: Size) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Each number with its picture, read in runs that go one way through one source."""
        probe = self.sources[0].probe
        for run in _runs(self.shown.source[numbers], self.shown.stamps[numbers]):
            part = numbers[run]
            source = int(self.shown.source[part[0]])
            asked = size if size is not None or source == 0 else (probe.width, probe.height)
            yield from self._read(self.sources[source], part, asked, probe.width * probe.height * 3)

    def _read(
        self, video: Video, numbers: NDArray[np.intp], size: Size, picture_bytes: int
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        stamps = self.shown.stamps[numbers]
        if stamps[-1] >= stamps[0]:
            for number, frame in zip(numbers, video.at(stamps.tolist(), size=size), strict=False):
                yield int(number), frame.image
            return
        at_once = max(2, HELD_BYTES // picture_bytes)
        for start in range(0, len(numbers), at_once):
            chunk = numbers[start : start + at_once]
            frames = list(video.at(stamps[start : start + at_once][::-1].tolist(), size=size))
            for number, frame in zip(chunk, reversed(frames), strict=False):
                yield int(number), frame.image


def _runs(source: NDArray[np.intp], stamps: NDArray[np.float64]) -> Iterator[slice]:
    """Stretches of one source whose stamps do not decrease, or do not increase."""
    start, direction = 0, 0.0
    for k in range(1, len(stamps)):
        step = float(np.sign(stamps[k] - stamps[k - 1]))
        if source[k] != source[k - 1] or step * direction < 0:
            yield slice(start, k)
            start, direction = k, 0.0
        elif step:
            direction = step
    if len(stamps):
        yield slice(start, len(stamps))
