"""One picture with its true time, upright and in square pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from whenabouts.errors import InputError

__all__ = ["Frame", "Orientation", "Painter"]

Size = int | tuple[int, int] | None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A decoded picture: `time` is its true presentation time in seconds, `image` uint8 (H, W, 3) RGB, upright."""

    time: float
    image: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a coded picture is turned for display: transposed first, then mirrored along either axis."""

    transposed: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    @classmethod
    def of(cls, frame: VideoFrame) -> Orientation:
        """Read the display matrix that comes with a decoded frame; other angles go to the nearest right one.

        The matrix maps coded (x, y) to displayed (a·x + c·y, b·x + d·y), stored as a b u c d v x y w, int32.
        """
        try:
            side_data = cast(Mapping[str, SideData], frame.side_data)  # PyAV's stub knows its other keys only
            matrix = np.frombuffer(bytes(side_data["DISPLAYMATRIX"]), dtype="=i4")
        except KeyError:
            return cls()
        if matrix.size != 9:
            return cls()
        a, b, c, d = (int(matrix[i]) for i in (0, 1, 3, 4))
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(transposed=True, mirror_x=c < 0, mirror_y=b < 0)
        return cls(mirror_x=a < 0, mirror_y=d < 0)

    @property
    def rotation(self) -> int:
        """Clockwise turn in degrees that displays the picture, after an optional left-right mirror: 0, 90, 180, 270."""
        if self.transposed:
            return 270 if self.mirror_y else 90
        return 180 if self.mirror_y else 0

    @property
    def mirrored(self) -> bool:
        """Whether the picture is also mirrored left to right."""
        return (self.mirror_x != self.mirror_y) != self.transposed

    def apply(self, image: NDArray[Any]) -> NDArray[Any]:
        """Turn an image (H, W, C) upright; returns a contiguous array."""
        if self.transposed:
            image = image.swapaxes(0, 1)
        return np.ascontiguousarray(image[:: -1 if self.mirror_y else 1, :: -1 if self.mirror_x else 1])


class Painter:
    """Turns decoded frames into upright RGB images of one requested size; keeps the scaler between frames."""

    def __init__(self, size: Size = None, *, sar: Fraction | None = None) -> None:
        if isinstance(size, int):
            size = (size, size)
        if size is not None and not (len(size) == 2 and min(size) > 0):
            raise InputError(f"size must be a positive side or (width, height) in pixels, got {size}")
        self._size = size
        self._sar = sar or Fraction(1)
        self._scaler = VideoReformatter()

    def paint(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The picture as uint8 (H, W, 3) RGB, upright, in square pixels or in the requested size."""
        turn = Orientation.of(frame)
        if self._size is None:
            width, height = max(1, round(frame.width * self._sar)), frame.height
        else:
            width, height = reversed(self._size) if turn.transposed else self._size
        rgb = self._scaler.reformat(frame, width=width, height=height, format="rgb24", interpolation="BILINEAR")
        return turn.apply(rgb.to_ndarray())
