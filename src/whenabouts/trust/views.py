"""Videos that withhold something: frames of a moment, all frames but one or but a stretch, or all; or all words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from whenabouts.video import Video
from whenabouts.video.edit.pieces import Piece, Pieces
from whenabouts.video.edit.view import Shown, View
from whenabouts.video.frame import Size

__all__ = ["Blank", "Outside", "Painted", "SingleFrame", "Wordless"]

GREY = 128


class _Withheld(View):
    """A video on its own clock, with its sound and subtitles, of which other pictures are shown than its own."""

    def __init__(self, video: Video) -> None:
        self.video = video
        super().__init__([video], video.duration)

    @property
    def description(self) -> str:
        """Nothing but what it is."""
        return ""

    @property
    def pieces(self) -> Pieces:
        """All of the video."""
        return (Piece.whole(self.video),)

    def _shown(self) -> Shown:
        times = self.video.times
        return Shown(times, np.zeros(len(times), np.intp), times[self._instead(times)])

    def _instead(self, times: NDArray[np.float64]) -> NDArray[np.intp]:
        """Of each picture the number of the one that is shown in its place."""
        return np.arange(len(times))


class Outside(_Withheld):
    """Only the frames outside some windows: those inside give way to the nearest outside, before or after.

    windows: (M, 2) seconds; a picture is inside where any of the time for which it is on show is
    """

    def __init__(self, video: Video, windows: NDArray[np.float64]) -> None:
        super().__init__(video)
        self.windows = np.asarray(windows, np.float64).reshape(-1, 2)

    @property
    def description(self) -> str:
        """The windows."""
        return repr(self.windows.tolist())

    @property
    def possible(self) -> bool:
        """Whether there is any picture outside."""
        return not self._inside(self.video.times).all()

    def _inside(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        ends = np.append(times[1:], max(self.video.duration, times[-1]))
        inside = np.zeros(len(times), bool)
        for start, end in self.windows:
            inside |= (times < end - 1e-9) & (ends > start + 1e-9)
        return inside

    def _instead(self, times: NDArray[np.float64]) -> NDArray[np.intp]:
        outside = np.flatnonzero(~self._inside(times))
        if not len(outside):
            return np.arange(len(times))
        after = np.clip(np.searchsorted(outside, np.arange(len(times))), 0, len(outside) - 1)
        before = np.maximum(0, np.searchsorted(outside, np.arange(len(times)), "right") - 1)
        nearer = times - times[outside[before]] <= times[outside[after]] - times
        first = outside[before] > np.arange(len(times))  # there is none before
        last = outside[after] < np.arange(len(times))  # and none after
        chosen: NDArray[np.intp] = np.where((nearer | last) & ~first, outside[before], outside[after])
        return chosen


class SingleFrame(_Withheld):
    """The picture of the middle of the video, from beginning to end."""

    def _instead(self, times: NDArray[np.float64]) -> NDArray[np.intp]:
        middle = max(0, int(np.searchsorted(times, self.video.duration / 2, "right")) - 1)
        return np.full(len(times), middle)


class Painted(_Withheld):
    """Grey pictures outside [start, end), or inside it if `inside`; words and sound stay.

    start, end: in shares of the video; a picture counts by when it begins
    """

    def __init__(self, video: Video, start: float, end: float, *, inside: bool = False) -> None:
        super().__init__(video)
        self.start, self.end, self.inside = start, end, inside

    @property
    def description(self) -> str:
        """The stretch."""
        return f"{'inside' if self.inside else 'outside'} {self.start!r} {self.end!r}"

    def _images(self, numbers: NDArray[np.intp], size: Size) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        start, end = self.start * self.duration, self.end * self.duration
        for grey, run in groupby(numbers, lambda number: (start <= self.times[number] < end) == self.inside):
            part = np.fromiter(run, np.intp)
            yield from _plain(self.video, part, size, GREY) if grey else super()._images(part, size)


class Wordless(_Withheld):
    """All pictures, and no sound or subtitles."""

    @property
    def pieces(self) -> Pieces:
        """Nothing is heard or said."""
        return ()


class Blank(Wordless):
    """Black pictures, and no sound or subtitles: what is left is the query and the length of the video."""

    def _images(self, numbers: NDArray[np.intp], size: Size) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        return _plain(self.video, numbers, size, 0)


def _plain(video: Video, numbers: NDArray[np.intp], size: Size, level: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    probe = video.probe
    width, height = (probe.width, probe.height) if size is None else (size, size) if isinstance(size, int) else size
    image = np.full((height, width, 3), level, np.uint8)
    return ((int(number), image) for number in numbers)
