"""Pictures that are held in memory and pass for a video, so that any grounder can be run on what just arrived."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from os import PathLike, devnull
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from whenabouts.errors import InputError, VideoError
from whenabouts.video.clock import NANOSECOND, Grid
from whenabouts.video.damage.failures import Failures
from whenabouts.video.frame import Frame, Painter, Size
from whenabouts.video.limits import Limits
from whenabouts.video.probe import Probe
from whenabouts.video.video import Video

__all__ = ["InMemoryVideo"]

NOWHERE = Path(devnull) / "pictures in memory"  # no file, and no folder in which others could stand beside it


class InMemoryVideo(Video):
    """Pictures (H, W, 3) uint8 RGB with times that increase, on a clock of their own that begins with `start`.

    It lasts until `end`, on the clock of `frames`; the first picture is on show from `start` on. It has no sound and no
    file: its `path` names none, and nothing can be cut from it. The pictures are not copied. Those of another size than
    the last are squeezed to it. Raises InputError.
    """

    def __init__(self, frames: Sequence[Frame], start: float, end: float) -> None:
        if not frames or not start < end or frames[-1].time >= end:
            raise InputError(f"pictures in memory need one at least, before their end, got {len(frames)} until {end}")
        if any(after.time <= before.time for before, after in pairwise(frames)):
            raise InputError("the times of pictures in memory must increase")
        self.path, self.limits = NOWHERE, Limits()
        self.failures = Failures()
        self._frames_held = tuple(frames)
        self._times = [max(0.0, frame.time - start) for frame in frames]
        height, width = frames[-1].image.shape[:2]
        self.probe = _probe(end - start, width, height, len(frames))

    def __repr__(self) -> str:
        return f"InMemoryVideo({len(self._times)} pictures, duration={self.duration:.3f})"

    @property
    def files(self) -> tuple[Video, ...]:
        """None."""
        return ()

    def notes_between(self, start: float, end: float) -> tuple[str, ...]:
        """None: nothing was read."""
        return ()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all times and pixels, in hex."""
        digest = hashlib.sha256(repr((self.duration, self._times)).encode())
        for frame in self._frames_held:
            digest.update(repr(frame.image.shape).encode())
            digest.update(frame.image.tobytes())
        return digest.hexdigest()

    def sample(
        self, fps: float = 1.0, *, start: float = 0.0, end: float | None = None, size: Size = None
    ) -> Iterator[Frame]:
        """Like `Video.sample`."""
        grid = Grid.of(fps, start, self.duration if end is None else min(end, self.duration))
        return self._painted((self._on_show(grid[k]) for k in range(grid.count)), size)

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """When each picture begins, in seconds."""
        return np.array(self._times)

    def at(self, times: Sequence[float], *, size: Size = None) -> Iterator[Frame]:
        """Like `Video.at`."""
        if any(after < before for before, after in pairwise(times)):
            raise InputError("times must not decrease")
        return self._painted((self._on_show(Fraction(time)) for time in times), size)

    def keyframes(self, *, size: Size = None) -> Iterator[Frame]:
        """Every picture."""
        return self._painted(iter(range(len(self._times))), size)

    def around(
        self,
        time: float,
        radius: float = 1.0,
        fps: float | None = None,
        *,
        size: Size = None,
        most: int | None = None,
    ) -> Iterator[Frame]:
        """Like `Video.around`; nothing is decoded for it, whatever `most` is."""
        if not radius >= 0:
            raise InputError(f"radius must be at least 0 seconds, got {radius}")
        start, end = max(0.0, time - radius), min(time + radius, self.duration)
        if fps is not None:
            return self.sample(fps, start=start, end=end, size=size)
        last = bisect_right(self._times, end)
        return self._painted(iter(range(self._on_show(Fraction(start)), last)), size)

    def cut(self, start: float, end: float, out: str | PathLike[str], *, smart: bool = False) -> Path:
        """Raises VideoError: there is no file that could be cut."""
        raise VideoError("pictures in memory are not a file that could be cut; cut the recording of the stream instead")

    def _on_show(self, time: Fraction) -> int:
        """The last picture that began by `time`, give or take a nanosecond, or the first."""
        return max(0, bisect_right(self._times, float(time + NANOSECOND)) - 1)

    def _painted(self, numbers: Iterator[int], size: Size) -> Iterator[Frame]:
        own = self.probe.width, self.probe.height
        wanted = own if size is None else (size, size) if isinstance(size, int) else size
        return self._paint_held(
            numbers, wanted, Painter(wanted if size is None else size)
        )  # a bad size raises here, not at the first frame

    def _paint_held(self, numbers: Iterator[int], size: tuple[int, int], painter: Painter) -> Iterator[Frame]:
        last: tuple[int, Frame] | None = None
        for number in numbers:
            if last is None or last[0] != number:
                image = self._frames_held[number].image
                if image.shape[1::-1] != size:
                    image = painter.paint(VideoFrame.from_ndarray(image, format="rgb24"))
                last = number, Frame(self._times[number], image)
            yield last[1]


def _probe(duration: float, width: int, height: int, frames: int) -> Probe:
    return Probe(
        path=NOWHERE,
        container="memory",
        duration=duration,
        start_time=0.0,
        width=width,
        height=height,
        rotation=0,
        mirrored=False,
        sar=Fraction(1),
        codec="rawvideo",
        pix_fmt="rgb24",
        bit_depth=8,
        interlaced=False,
        average_rate=None,
        variable_rate=True,
        frames=frames,
        video_index=0,
        video_streams=1,
        audio=(),
        subtitles=(),
        timecode=None,
    )
