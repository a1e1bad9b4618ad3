"""A video file as the rest of the package sees it: facts, pictures with true times, clips."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar, cast

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from whenabouts.errors import InputError, VideoError
from whenabouts.files.content import content_sha256
from whenabouts.video import sample
from whenabouts.video.clock import Clock, Grid, Instants
from whenabouts.video.cut import write_clip
from whenabouts.video.damage.failures import Failures
from whenabouts.video.damage.sentences import damage_of
from whenabouts.video.decode import Picture
from whenabouts.video.frame import Frame, Painter, Size
from whenabouts.video.limits import Limits
from whenabouts.video.probe import Probe, probe
from whenabouts.video.reader import Reader
from whenabouts.video.smart_cut import encode_edges
from whenabouts.video.source import shown
from whenabouts.video.stills.sequence import sequence_of

__all__ = ["Video"]

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class Video:
    """A local media file with a moving picture; raises VideoError, in one sentence, for anything else.

    Times are seconds of media time: pts × time_base − start of the container. The picture *on show* at t is the last
    one that began at or before t; before the first picture begins it is that first one, and after the last it is the
    last. Each iterator opens the file for itself, so several can run at once. A damaged file gives the pictures that
    can be decoded; `decode_failures` counts what could not, and `notes` says where that was.

        >>> with Video("talk.mp4") as video:
        ...     for frame in video.sample(fps=0.25, size=224):
        ...         print(frame.time, frame.image.shape)
        0.0 (224, 224, 3)
        4.0 (224, 224, 3)
        8.0 (224, 224, 3)
    """

    subtitles_encoding: str | None = None  # of its subtitles that are not UTF-8; guessed from their letters for None
    opened_as: ClassVar[type[Video] | None] = None  # in place of this class, where files are read in child processes

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """A video that is read in this process, or in a child: see `whenabouts.video.isolated`."""
        return super().__new__(cast(type[Self], Video.opened_as or cls) if cls is Video else cls)

    def __init__(self, path: str | PathLike[str], *, limits: Limits | None = None) -> None:
        self.path = Path(path)
        self.limits = limits or Limits()
        self.failures = Failures()
        self.probe: Probe = probe(self.path, self.limits, self.failures)
        log.debug("opened %s: %s", self.path, self.probe)

    def __repr__(self) -> str:
        return f"Video({str(self.path)!r}, duration={self.duration:.3f})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held between iterations; kept so that a video can be used as a resource."""

    @property
    def duration(self) -> float:
        """Length in seconds of media time."""
        return self.probe.duration

    @property
    def decode_failures(self) -> int:
        """Packets and reads that failed so far."""
        return self.failures.count

    @property
    def decoded_pictures(self) -> int:
        """Pictures that came out of the decoder so far, those that nobody was given included."""
        return self.failures.decoded

    @property
    def files(self) -> tuple[Video, ...]:
        """The videos that are read for this one, each of one file: itself, unless it is made of others."""
        return (self,)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is known so far to be damaged or missing, a sentence each, with times on the clock of this video.

        Only what was read is known; nothing is decoded for it. A sound file has none.
        """
        return self.notes_between(0.0, self.duration)

    def notes_between(self, start: float, end: float) -> tuple[str, ...]:
        """Like `notes`, of [start, end) in seconds, with times that count from `start`."""
        return damage_of(self.path, self.limits, self.probe, self.failures, (start, end))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file's bytes, in hex; computed once, and remembered for other processes (`files.content`)."""
        if (sequence := sequence_of(self.path)) is not None:
            return sequence.sha256
        try:
            return content_sha256(self.path)
        except OSError as error:
            raise VideoError(f"{shown(self.path)} can no longer be read") from error

    def sample(
        self, fps: float = 1.0, *, start: float = 0.0, end: float | None = None, size: Size = None
    ) -> Iterator[Frame]:
        """The picture on show at each t = start + k / fps < end (k = 0, 1, …), one frame per instant.

        `Frame.time` is when that picture truly began, so it may lie before t, and a picture that stays on show is given
        again. `end` is in seconds and at most the duration. `size` is None for the displayed size, S for S × S, or
        (width, height): the picture is then squeezed to it. Raises InputError for a senseless grid or size.
        """
        grid = Grid.of(fps, start, self.duration if end is None else min(end, self.duration))
        return self._frames(lambda reader: sample.on_show(reader, grid), size)

    def in_two_sizes(self, fps: float, size: Size, other: Size, *, every: int) -> Iterator[tuple[Frame, Frame | None]]:
        """As `sample`, and beside each `every`-th frame, from the first on, the same picture in the size `other`.

        Decoded once for both; twice where a video is not one file.
        """
        if type(self).sample is not Video.sample:
            frames, others = self.sample(fps, size=size), self.sample(fps / every, size=other)
            return ((frame, None if k % every else next(others, None)) for k, frame in enumerate(frames))
        grid = Grid.of(fps, 0.0, self.duration)
        painters = Painter(size, sar=self.probe.sar), Painter(other, sar=self.probe.sar)
        return self._paint_both(grid, *painters, every)

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """When each picture begins, in order, in seconds; every packet is read for it once, and none decoded.

        A file that does not say is taken to have its pictures at even distances.
        """
        with Reader(self.path, self.limits, self.failures) as reader:
            stamps = reader.begins()
            if stamps:
                return np.array([float(reader.clock.time(stamp)) for stamp in stamps])
            reader.rewind()
            count = sum(1 for _ in reader.packets())
        return np.linspace(0.0, self.duration, max(1, count), endpoint=False)

    def at(self, times: Sequence[float], *, size: Size = None) -> Iterator[Frame]:
        """The picture on show at each of `times`, in seconds; they do not decrease. Otherwise as `sample`.

        Raises InputError for times that do.
        """
        instants = Instants(tuple(Fraction(time) for time in times))
        if any(after < before for before, after in pairwise(times)):
            raise InputError("times must not decrease")
        return self._frames(lambda reader: sample.on_show(reader, instants), size)

    def keyframes(self, *, size: Size = None) -> Iterator[Frame]:
        """Every keyframe, in order; many times faster than `sample`, at the distances the encoder chose."""
        return self._frames(sample.keyframes, size)

    def around(
        self,
        time: float,
        radius: float = 1.0,
        fps: float | None = None,
        *,
        size: Size = None,
        most: int | None = None,
    ) -> Iterator[Frame]:
        """The neighbourhood of `time`: [time − radius, time + radius] in seconds, decoding little else.

        With `fps` as `sample` does; without it every picture, beginning with the one on show at time − radius. Then
        `most` bounds what it may cost: where more pictures than that lie between the keyframe before and the end, or
        that keyframe cannot be sought, nothing is given.
        """
        if not radius >= 0:
            raise InputError(f"radius must be at least 0 seconds, got {radius}")
        start, end = max(0.0, time - radius), min(time + radius, self.duration)
        if fps is not None:
            return self.sample(fps, start=start, end=end, size=size)
        first, last = Fraction(start), Fraction(end)
        return self._frames(lambda reader: sample.window(reader, first, last, most), size)

    def cut(self, start: float, end: float, out: str | PathLike[str], *, smart: bool = False) -> Path:
        """Write [start, end) in seconds as a clip of its own, exact to the picture, and return its path.

        The clip opens with the picture on show at `start` and keeps every true time; the picture is upright, in square
        pixels, H.264; the default sound goes along in step, as AAC. `out` ends in .mp4, .m4v, .mov or .mkv, is replaced
        only when complete, and is not the video itself. Raises InputError, VideoError.

        `smart` copies the whole groups of pictures inside and encodes the edges only: many times faster for a long
        clip, exact all the same. Where that is impossible the clip is encoded as a whole, and the log says why.
        """
        if not 0 <= start < min(end, self.duration):
            raise InputError(f"a clip needs 0 <= start < end within {self.duration:.3f} s, got {start} to {end}")
        span = Fraction(start), Fraction(min(end, self.duration))
        write_clip(self.path, self.limits, self.failures, span, Path(out), encode_edges if smart else None)
        return Path(out)

    def read(self, reading: Callable[..., Result], *arguments: Any) -> Result:
        """`reading(video, *arguments)`, in the process that reads the file: for whatever opens it by itself.

        A function of a module, whose arguments and result (or items of its iterator) are plain values, arrays, or
        dataclasses of this package.
        """
        return reading(self, *arguments)

    def _frames(self, pictures: Callable[[Reader], Iterator[Picture]], size: Size) -> Iterator[Frame]:
        return self._paint(
            pictures, Painter(size, sar=self.probe.sar)
        )  # a bad size raises here, not at the first frame

    def _paint(self, pictures: Callable[[Reader], Iterator[Picture]], painter: Painter) -> Iterator[Frame]:
        with Reader(self.path, self.limits, self.failures) as reader:
            shown = _Painted(reader.clock, painter)
            for picture in pictures(reader):
                yield shown.frame(*picture)

    def _paint_both(
        self, grid: Grid, painter: Painter, other: Painter, every: int
    ) -> Iterator[tuple[Frame, Frame | None]]:
        with Reader(self.path, self.limits, self.failures) as reader:
            shown, beside = _Painted(reader.clock, painter), _Painted(reader.clock, other)
            for k, picture in enumerate(sample.on_show(reader, grid)):
                yield shown.frame(*picture), None if k % every else beside.frame(*picture)


class _Painted:
    """Frames of one size; a picture that comes again at once is the same frame."""

    def __init__(self, clock: Clock, painter: Painter) -> None:
        self._clock, self._painter = clock, painter
        self._last: tuple[int, Frame] | None = None

    def frame(self, tick: int, picture: VideoFrame) -> Frame:
        if self._last is None or self._last[0] != tick:
            self._last = tick, Frame(float(self._clock.time(tick)), self._painter.paint(picture))
        return self._last[1]
