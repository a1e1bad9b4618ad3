"""`CutList`: a stringout, the moments of one or several videos one after another, which editors call selects.

Cuts are whole frames of their sources. A stringout has one frame rate, that of its first source; where another source
has another rate, its cuts last as many whole frames of the stringout as fit into them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from whenabouts.errors import InputError
from whenabouts.interchange.only import Only, chosen, told
from whenabouts.interchange.remark import remark
from whenabouts.interchange.timecode import FrameRate
from whenabouts.interchange.timeline import HEAD, Timeline
from whenabouts.prediction import Prediction

__all__ = ["Cut", "CutList", "Order", "assemble", "with_room"]

Order = Literal["time", "score"]
Span = tuple[int, int]  # frames [first, end)


@dataclass(frozen=True, slots=True)
class Cut:
    """A moment in a stringout.

    source: the number of its video in `CutList.sources`
    frames: of the source, counted from 0, with the room at both ends
    moment: those of the moment itself
    record: frames of the stringout, counted from 0
    note:   status, rank and score, for the comments of files
    """

    source: int
    frames: Span
    moment: Span
    record: Span
    query: str
    rank: int
    score: float
    note: str


@dataclass(frozen=True, slots=True)
class CutList:
    """Cuts in the order of the timeline.

    rate:  frames per second of the timeline, and how its timecode counts
    start: timecode of its first frame, as a number of frames
    notes: what an editor should know, such as sources of another rate
    """

    name: str
    rate: FrameRate
    start: int
    sources: tuple[Timeline, ...]
    cuts: tuple[Cut, ...]
    notes: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """Length in frames."""
        return self.cuts[-1].record[1] if self.cuts else 0

    def source(self, cut: Cut) -> Timeline:
        """The video that a cut is of."""
        return self.sources[cut.source]


def assemble(
    answers: Sequence[tuple[Timeline, Sequence[Prediction]]],
    name: str,
    *,
    handles: float = 0.0,
    order: Order = "time",
    start: str | None = None,
    only: Only = "likely",
) -> CutList:
    """The moments of predictions on one or several videos, one cut each.

    handles: seconds of room before and after each moment. They end where the video does, and half-way to the next
             moment of the same video, so that no frame outside a moment is shown twice.
    order:   of the cuts: video after video and by time, or by score
    start:   timecode of the first frame; 01:00:00:00 by default
    only:    which moments, as for `interchange.only.chosen`

    Raises InputError: nothing to cut, a start that is no timecode, or more than a day of cuts.
    """
    cuts: list[Cut] = []
    sources: list[Timeline] = []
    for timeline, predictions in answers:
        found = [
            Cut(len(sources), (0, 0), timeline.span(moment), (0, 0), each.query, rank, moment.score, remark(each, rank))
            for each in chosen(predictions, only)
            for rank, moment in enumerate(each.moments, 1)
        ]
        rooms = with_room([cut.moment for cut in found], timeline.rate.frame(handles), timeline.frames)
        cuts += [replace(cut, frames=room) for cut, room in zip(found, rooms, strict=True)]
        sources += [timeline] if found else []
    if not cuts:
        why = [sentence for _, predictions in answers for sentence in told(predictions, only)]
        raise InputError(f"there is no moment to cut: {why[0] if why else 'nothing was found'}")
    cuts.sort(key=lambda cut: (-cut.score if order == "score" else 0.0, cut.source, cut.moment, cut.rank))
    rate = sources[0].rate
    placed, at = [], 0
    for cut in cuts:
        length = _length(cut.frames[1] - cut.frames[0], sources[cut.source].rate, rate)
        placed.append(replace(cut, record=(at, at + length)))
        at += length
    head = rate.parse(start or HEAD)
    if head + at > rate.day:
        raise InputError("the cuts go on beyond 24 hours of timecode; choose fewer moments, or an earlier start")
    return CutList(name, rate, head, tuple(sources), tuple(placed), tuple(_notes(sources)))


def with_room(spans: Sequence[Span], room: int, frames: int) -> list[Span]:
    """Each span with at most `room` frames before and after it, inside a video of `frames` frames.

    Between two spans the room of both ends half-way; spans that overlap do not limit each other.

    >>> with_room([(10, 20), (25, 30), (2, 8)], 4, 32)
    [(9, 22), (22, 32), (0, 9)]
    """
    starts, ends = sorted(first for first, _ in spans), sorted(end for _, end in spans)
    roomy = []
    for first, end in spans:
        before = bisect_right(ends, first)
        after = bisect_left(starts, end)
        low = (ends[before - 1] + first) // 2 if before else 0
        high = (end + starts[after]) // 2 if after < len(starts) else frames
        roomy.append((max(low, first - room), min(high, end + room)))
    return roomy


def _length(frames: int, rate: FrameRate, other: FrameRate) -> int:
    """How many frames of another rate fit into frames of a rate; at least one."""
    return frames if rate.rate == other.rate else max(1, int(frames / rate.rate * other.rate))


def _notes(sources: Sequence[Timeline]) -> Iterator[str]:
    rate = sources[0].rate
    for source in sources:
        if source.conformed:
            yield source.conformed
        if source.rate.rate != rate.rate:
            yield f"{source.name} has {source.rate} frames per second in a timeline of {rate}"
