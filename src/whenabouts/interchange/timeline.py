"""`Timeline`: a video as editors see it, frames of one constant rate, the first of which has a timecode.

Editors lay a video of variable rate out on a constant one and keep its true times, so a moment's frame is always the
boundary nearest to its second: at most half a frame away, whatever the source's own pictures do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.interchange.timecode import FrameRate
from whenabouts.moment import Moment
from whenabouts.video import Video
from whenabouts.video.source import shown

__all__ = ["Timeline"]

UNSTATED_RATE = 25
HEAD = "01:00:00:00"  # where programmes begin by convention, and Resolve's timelines with them


@dataclass(frozen=True, slots=True)
class Timeline:
    """What exports need to know of a video.

    `start` is the frame that the video's timecode gives its first picture, None where the file has no timecode.
    `duration` is in seconds, `width` and `height` in pixels as displayed.
    """

    path: Path
    duration: float
    rate: FrameRate
    start: int | None = None
    width: int = 1920
    height: int = 1080
    sound: bool = True

    @classmethod
    def of(cls, video: Video, *, timecode: str | None = None) -> Timeline:
        """The timeline of an open video.

        `timecode`, of the first picture, overrides the file's own; a semicolon before its frames means drop-frame.
        Raises InputError.
        """
        probe = video.probe
        rate = FrameRate.nearest(probe.average_rate or UNSTATED_RATE)
        stated = probe.timecode if timecode is None else timecode
        start = None
        if stated is not None:
            try:
                drops = timecode is not None or (rate.ntsc and rate.nominal % 30 == 0)  # files write ; at any rate
                rate = FrameRate(rate.rate, drop=";" in stated and drops)
                start = rate.parse(stated)
            except InputError:
                if timecode is not None:
                    raise
        return cls(video.path, video.duration, rate, start, probe.width, probe.height, probe.has_audio)

    @property
    def name(self) -> str:
        """The file's name, fit to print."""
        return shown(Path(self.path.name))

    @property
    def uri(self) -> str:
        """The file's absolute address, percent-encoded."""
        return self.path.resolve().as_uri()

    @property
    def frames(self) -> int:
        """Length in frames, at least one."""
        return max(1, self.rate.frame(self.duration))

    @property
    def head(self) -> int:
        """Where a programme of the video begins: at the source's own timecode, else at one hour."""
        return self.rate.parse(HEAD) if self.start is None else self.start

    @property
    def source(self) -> int:
        """The frame that the file's first picture is called: its own timecode, else 0, as editors count such files."""
        return self.start or 0

    def span(self, moment: Moment) -> tuple[int, int]:
        """First frame and the one after the last, counted from the video's first; at least one frame, inside the video.

        >>> Timeline(Path("a.mp4"), 9.0, FrameRate.nearest(25)).span(Moment(1.0, 2.5))
        (25, 63)
        """
        first = min(self.rate.frame(moment.start), self.frames - 1)
        return first, max(first + 1, min(self.rate.frame(moment.end), self.frames))

    def moment(self, first: int, end: int, score: float = 1.0) -> Moment:
        """The moment of frames [first, end), counted from the video's first. Raises ValueError."""
        return Moment(float(self.rate.seconds(first)), float(self.rate.seconds(end)), score)
