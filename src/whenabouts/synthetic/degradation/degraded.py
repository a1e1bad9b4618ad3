"""A video of which a stretch is degraded: by blur, noise or compression, or by pictures that do not come."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.synthetic.degradation.pictures import DEFOCUS_RADIUS, MOTION_RADIUS, NOISE_SCALE, PICTURES, QUANTISER
from whenabouts.video.edit.pieces import Piece, Pieces
from whenabouts.video.edit.view import Shown, View
from whenabouts.video.frame import Painter, Size
from whenabouts.video.video import Video

__all__ = ["DEGRADATIONS", "LEVELS", "SEVERITIES", "Degraded"]

SEVERITIES = (1, 2, 3, 4, 5)
DROPPED = (0.1, 0.3, 0.5, 0.7, 0.9)  # share of the runs that do not come; ours
RUN = 0.2  # seconds of a run of pictures that is lost as one; ours
FROZEN = (1.0, 2.0, 4.0, 8.0, math.inf)  # seconds for which a picture stands before the next one comes; ours
DEGRADATIONS = (*PICTURES, "drop", "freeze")
LEVELS: dict[str, tuple[str, str, tuple[object, ...]]] = {  # by kind: what it is, and its levels in their unit
    "defocus": ("a lens out of focus", "radius in pixels of 224", DEFOCUS_RADIUS),
    "motion": ("a camera that moves, in a direction that turns slowly", "half length in pixels of 224", MOTION_RADIUS),
    "noise": ("a sensor in the dark, anew at each time", "standard deviation, of the range", NOISE_SCALE),
    "compression": ("blocks of MJPEG", "quantiser", QUANTISER),
    "drop": ("runs of 0.2 s that do not come", "share of the runs", DROPPED),
    "freeze": ("a picture that stands", "seconds until the next one", FROZEN),
}


class Degraded(View):
    """`video`, degraded in [start, end) seconds in the way `kind`, one of `DEGRADATIONS`.

    severity: 1 to 5 as in the tables here; 0 changes nothing, bit for bit
    seed:     of noise, of the direction of motion, and of which pictures are lost

    What happens to a picture depends on its time, on the settings and on nothing else: it is the same in whatever order
    and size pictures are asked for. They are degraded at their full size, one at a time, and scaled then. Blur and
    compression stay the same from picture to picture and motion turns slowly; lost pictures are lost in runs of 0.2 s.
    Sound and subtitles stay as they are. Raises InputError.
    """

    def __init__(
        self,
        video: Video,
        kind: str,
        severity: int,
        start: float = 0.0,
        end: float | None = None,
        *,
        seed: int = 0,
    ) -> None:
        if kind not in DEGRADATIONS:
            raise InputError(f"unknown degradation {kind!r}; choose one of: {', '.join(DEGRADATIONS)}")
        if severity not in (0, *SEVERITIES):
            raise InputError(f"a severity is a whole number from 0 to {SEVERITIES[-1]}, got {severity}")
        last = video.duration if end is None else min(end, video.duration)
        if not 0 <= start < last:
            raise InputError(
                f"a degradation needs 0 <= start < end within {video.duration:.3f} s, got {start} to {end}"
            )
        self.video, self.kind, self.severity = video, kind, int(severity)
        self.start, self.end, self.seed = start, last, seed
        super().__init__([video], video.duration)

    def __repr__(self) -> str:
        return f"Degraded({self.video!r}, {self.kind!r}, {self.severity}, {self.start:.3f}, {self.end:.3f})"

    @cached_property
    def description(self) -> str:
        """The settings."""
        return f"{self.kind} {self.severity} {self.start!r} {self.end!r} {self.seed}" if self.severity else ""

    @property
    def pieces(self) -> Pieces:
        """All of the video."""
        return (Piece.whole(self.video),)

    def _shown(self) -> Shown:
        times = self.video.times
        numbers = np.arange(len(times))
        hurt = self._hurt(times) if self.severity else np.zeros(len(times), bool)
        if self.kind == "drop":
            numbers = self._held(hurt & self._lost(times))
        elif self.kind == "freeze":
            length = FROZEN[self.severity - 1] if self.severity else math.inf
            run = np.zeros(len(times)) if math.isinf(length) else np.floor((times - self.start) / length + 1e-9)
            numbers = self._held(hurt & np.append(False, (run[1:] == run[:-1]) & hurt[:-1]))
        return Shown(times, np.zeros(len(times), np.intp), times[numbers])

    def _hurt(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        return (times >= self.start - 1e-9) & (times < self.end - 1e-9)

    def _lost(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        runs = np.floor(times / RUN + 1e-9).astype(np.int64)
        chance = {
            int(run): np.random.default_rng((self.seed, 3, int(run))).random() for run in np.unique(np.maximum(0, runs))
        }
        drawn = np.array([chance[max(0, int(run))] for run in runs])
        return drawn < DROPPED[self.severity - 1]

    @staticmethod
    def _held(missing: NDArray[np.bool_]) -> NDArray[np.intp]:
        """For each picture the last one that came, itself if it did; the first of all always comes."""
        numbers = np.where(missing, 0, np.arange(len(missing)))
        return np.maximum.accumulate(numbers)

    def _images(self, numbers: NDArray[np.intp], size: Size) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        change = PICTURES.get(self.kind)
        if change is None or not self.severity:
            yield from super()._images(numbers, size)
            return
        hurt = self._hurt(self.times)
        scale = None if size is None else Painter(size)
        for run in _alike(hurt[numbers]):
            part = numbers[run]
            if not hurt[part[0]]:
                yield from super()._images(part, size)
                continue
            last: tuple[int, NDArray[np.uint8]] | None = None
            for number, image in super()._images(part, None):
                if last is None or last[0] != number:
                    changed = change(image, self.severity, float(self.times[number]), self.seed)
                    last = (
                        number,
                        changed if scale is None else scale.paint(VideoFrame.from_ndarray(changed, format="rgb24")),
                    )
                yield last


def _alike(flags: NDArray[np.bool_]) -> Iterator[slice]:
    edges = [0, *(np.flatnonzero(np.diff(flags)) + 1).tolist(), len(flags)]
    return (slice(a, b) for a, b in pairwise(edges) if a < b)
