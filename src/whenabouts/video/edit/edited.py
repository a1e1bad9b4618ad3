"""A video as it is after edits, without encoding anything."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whenabouts.video.clock import NANOSECOND
from whenabouts.video.edit.edits import Edit
from whenabouts.video.edit.pieces import Piece, Pieces, between, joined, length, map_from, played
from whenabouts.video.edit.time_map import TimeMap
from whenabouts.video.edit.view import Shown, View
from whenabouts.video.video import Video

__all__ = ["Edited"]

Stretch = tuple[NDArray[np.float64], NDArray[np.float64]]  # when pictures begin in the view, and in their source


class Edited(View):
    """`video` after `edits`, each at times of what the one before left. Raises InputError for times out of range.

    Pictures, sound and subtitles move alike. Each stretch shows the pictures of its source from the one that was on
    show at its start on; the last one before its end lasts until the next stretch. Without edits, times and pictures
    are those of the video; `sha256` differs all the same. Edits that undo each other give what no edits give.

    time_map: from the clock of `video` to this one

        >>> from whenabouts.video.edit import Cut
        >>> with Video("talk.mp4") as video:
        ...     without = Edited(video, [Cut(2, 6)])
        ...     print(without.duration, without.time_map.windows([[5, 8]]).tolist())
        8.0 [[2.0, 4.0]]
    """

    def __init__(self, video: Video, edits: Sequence[Edit] = ()) -> None:
        made: Pieces = (Piece.whole(video),)
        for edit in edits:
            made = edit.apply(made)
        self.video = video
        self.time_map: TimeMap = map_from(video, made)
        self._pieces = joined(flat for piece in made for flat in _flattened(piece))
        sources = {id(piece.video): piece.video for piece in (*_flattened(Piece.whole(video)), *self._pieces)}
        even = all(piece.speed == 1 and piece.video is self._pieces[0].video for piece in self._pieces)
        super().__init__(list(sources.values()), float(length(made)), rated=even)

    def __repr__(self) -> str:
        return f"Edited({self.video!r}, {len(self._pieces)} pieces, duration={self.duration:.3f})"

    @property
    def pieces(self) -> Pieces:
        """What is shown, stretch by stretch."""
        return self._pieces

    @cached_property
    def description(self) -> str:
        """The pieces, exactly."""
        return " ".join(
            f"{self._number(p.video)}:{p.start}-{p.end}x{p.speed}{'<' if p.backward else '>'}" for p in self._pieces
        )

    def _number(self, video: Video) -> int:
        return next(number for number, source in enumerate(self.sources) if source is video)

    def _shown(self) -> Shown:
        times: list[NDArray[np.float64]] = []
        stamps: list[NDArray[np.float64]] = []
        sources: list[NDArray[np.intp]] = []
        at = Fraction(0)
        for number, piece in enumerate(self._pieces):
            begins, stamped = _backwards(piece) if piece.backward else _forwards(piece, first=number == 0)
            times.append(float(at) + begins)
            stamps.append(stamped)
            sources.append(np.full(len(begins), self._number(piece.video), np.intp))
            at += piece.length
        return Shown(np.concatenate(times), np.concatenate(sources), np.concatenate(stamps))


def _flattened(piece: Piece) -> Pieces:
    """The stretches of videos that are not edited themselves."""
    if not isinstance(piece.video, Edited):
        return (piece,)
    return played(between(piece.video.pieces, piece.start, piece.end), backward=piece.backward, speed=piece.speed)


def _forwards(piece: Piece, *, first: bool) -> Stretch:
    """Where each picture of a piece begins, in seconds after the piece does.

    A picture that began before comes with the piece. The `first` piece of all may begin before its first picture.
    """
    stamps, start, end = piece.video.times, float(piece.start), float(piece.end)
    low = max(0, int(np.searchsorted(stamps, start + float(NANOSECOND), "right")) - 1)
    high = max(low + 1, int(np.searchsorted(stamps, end - float(NANOSECOND), "left")))
    chosen = stamps[low:high]
    begins = np.maximum(0.0, (chosen - start) / float(piece.speed))
    if not first or chosen[0] >= end:
        begins[0] = 0.0
    return begins, chosen


def _backwards(piece: Piece) -> Stretch:
    """The same from the end: a picture begins where the next one did, and the last of them comes with the piece."""
    stamps, start, end = piece.video.times, float(piece.start), float(piece.end)
    low = max(0, int(np.searchsorted(stamps, start + float(NANOSECOND), "right")) - 1)
    high = max(low + 1, int(np.searchsorted(stamps, end - float(NANOSECOND), "left")))
    until = np.append(stamps[low + 1 : high], end)
    return ((end - until) / float(piece.speed))[::-1], stamps[low:high][::-1]
