"""`Timeline`: a video in an editing program: frames of a constant rate, the first of which has a timecode.

Editing programs place a video of variable frame rate on a timeline of constant rate and keep its true times. So the
frame of a time in seconds is always the nearest frame boundary, at most half a frame away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np

from whenabouts.errors import InputError
from whenabouts.interchange.timecode import RATES, TOLERANCE, FrameRate, is_drop
from whenabouts.moment import Moment
from whenabouts.video import Video
from whenabouts.video.source import shown
from whenabouts.video.stills.sequence import sequence_of

__all__ = ["Timeline", "path_of"]

UNSTATED_RATE = 25  # frames per second
GRID = 0.0006  # seconds that stamps in milliseconds may be off
HEAD = "01:00:00:00"  # where programmes begin by convention, and timelines of DaVinci Resolve by default


@dataclass(frozen=True, slots=True)
class Timeline:
    """The properties of a video that exports need.

    duration:      in seconds
    start:         timecode of the first frame, as a number of frames; None if the file has no timecode
    width, height: in pixels, as displayed
    channels:      of the first track of sound, 0 without one
    media:         the file that editors open, where the path is not one: the first picture of a sequence
    varies:        whether its pictures have no constant rate
    pictures:      how many of them a second has, where that is known
    """

    path: Path
    duration: float
    rate: FrameRate
    start: int | None = None
    width: int = 1920
    height: int = 1080
    channels: int = 2
    media: Path | None = None
    varies: bool = False
    pictures: Fraction | None = None

    @classmethod
    def of(cls, video: Video, *, timecode: str | None = None) -> Timeline:
        """The timeline of an open video.

        timecode: of the first frame, instead of that in the file; a semicolon before its frames means drop-frame

        Raises InputError.
        """
        probe = video.probe
        rate = FrameRate.nearest(_grid(video) or probe.average_rate or UNSTATED_RATE)
        stated = probe.timecode if timecode is None else timecode
        start = None
        if stated is not None:
            try:
                drops = timecode is not None or rate.can_drop  # files use ; with any rate
                rate = FrameRate(rate.rate, drop=is_drop(stated) and drops)
                start = rate.parse(stated)
            except InputError:
                if timecode is not None:
                    raise
        channels = next((max(1, track.channels) for track in probe.audio), 0)
        sequence = sequence_of(video.path)
        media = sequence.files[0] if sequence else None
        size, rates = (probe.width, probe.height), (bool(probe.variable_rate), probe.average_rate)
        return cls(video.path, video.duration, rate, start, *size, channels, media, *rates)

    @property
    def conformed(self) -> str | None:
        """A sentence where frames are counted at another rate than the video has; None where they are not."""
        if self.varies:
            return (
                f"{self.name} has a variable frame rate: its frames are counted at {self.rate} per second, as editing "
                "programs conform it"
            )
        if self.pictures is not None and abs(self.pictures - self.rate.rate) > TOLERANCE * self.pictures:
            return (
                f"{self.name} has {float(self.pictures):.5g} frames per second: its frames are counted at {self.rate}, "
                "as editing programs conform it"
            )
        return None

    @property
    def sound(self) -> bool:
        """Whether the file has a track of sound."""
        return self.channels > 0

    @property
    def name(self) -> str:
        """The file's name as printable text."""
        return shown(Path(self.path.name))

    @property
    def names(self) -> set[str]:
        """What other programs may call the video in any case of letters: its file, with the suffix or without."""
        return {self.name.casefold(), self.path.stem.casefold()}

    @property
    def uri(self) -> str:
        """The absolute URL of the file, or of the first of a sequence of pictures, percent-encoded."""
        return (self.media or self.path).resolve().as_uri()

    @property
    def frames(self) -> int:
        """Length in frames, at least one."""
        return max(1, self.rate.frame(self.duration))

    @property
    def head(self) -> int:
        """The frame at which a timeline with the video begins: its own timecode, else one hour."""
        return self.rate.parse(HEAD) if self.start is None else self.start

    @property
    def source(self) -> int:
        """The timecode of the file's first frame, as a number of frames; 0 without one, as in editing programs."""
        return self.start or 0

    @property
    def labels(self) -> dict[str, Any]:
        """How a page names frames, as `interchange/page/timecode.js` reads it."""
        rate = self.rate.rate
        counted = {"drop": self.rate.drop, "start": self.source, "varies": self.varies}
        return {"rate": [rate.numerator, rate.denominator], **counted}

    def counted(self, *, drop: bool) -> Timeline:
        """The same with the counting of a file about it, drop-frame or not; the label of its first frame stays.

        A video without timecode has neither counting, and editors choose one.
        """
        if drop == self.rate.drop or not self.rate.can_drop:
            return self
        rate = FrameRate(self.rate.rate, drop=drop)
        return replace(self, rate=rate, start=None if self.start is None else rate.parse(self.rate.name(self.start)))

    def span(self, moment: Moment) -> tuple[int, int]:
        """The frames [first, end) of a moment, counted from 0; at least one frame, within the video.

        >>> Timeline(Path("a.mp4"), 9.0, FrameRate.nearest(25)).span(Moment(1.0, 2.5))
        (25, 63)
        """
        first = min(self.rate.frame(moment.start), self.frames - 1)
        return first, max(first + 1, min(self.rate.frame(moment.end), self.frames))

    def moment(self, first: int, end: int, score: float = 1.0) -> Moment:
        """The moment of the frames [first, end), counted from 0. Raises ValueError."""
        return Moment(float(self.rate.seconds(first)), float(self.rate.seconds(end)), score)


def _grid(video: Video) -> Fraction | None:
    """The slowest broadcast rate on whose frames all pictures of a video of variable rate begin; None without one."""
    if not video.probe.variable_rate:
        return None
    times = video.times
    for rate in sorted(RATES.values()):
        frames = times * float(rate)
        if np.all(np.abs(frames - np.rint(frames)) <= GRID * float(rate)) and np.all(np.diff(np.rint(frames)) > 0):
            return rate
    return None


def path_of(uri: str | None) -> str | None:
    """The path that `Timeline.uri` was made of; what is not the URL of a file stays as it is.

    >>> path_of("file:///videos/my%20talk.mp4"), path_of("talk.mp4")
    ('/videos/my talk.mp4', 'talk.mp4')
    """
    if not uri or not uri.startswith("file:"):
        return uri
    try:
        return url2pathname(urlsplit(uri).path)
    except ValueError:  # of a host that is none
        return uri
