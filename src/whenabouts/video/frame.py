"""One picture with its true time, upright and in square pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
from av.filter import Graph
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from whenabouts.errors import InputError

__all__ = ["CentreCrop", "Frame", "Orientation", "Orientations", "Painter", "Size", "side_data_of"]


class CentreCrop(int):
    """The side in pixels of a square that is cut out of the middle, where a plain number squeezes the whole picture.

    The shorter side is resized to it first, bicubic with antialiasing, and the longer one in proportion, rounded down:
    as CLIP's processor does, and the code that published features of videos were made with (`scale` and `crop` of
    FFmpeg, as in Lighthouse and HERO_Video_Feature_Extractor, but in square pixels and upright). Pixels are FFmpeg's.
    """


Size = int | tuple[int, int] | None  # an int may be a CentreCrop
TICK = Fraction(1, 1000)  # of a filter's clock, which does not look at times


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
    def of(cls, frame: VideoFrame, filters: _Filters | None = None) -> Orientation:
        """Read the display matrix that comes with a decoded frame; other angles go to the nearest right one.

        The matrix maps coded (x, y) to displayed (a·x + c·y, b·x + d·y), stored as a b u c d v x y w, int32.
        """
        stated = side_data_of(frame, "DISPLAYMATRIX", filters)
        matrix = np.frombuffer(stated or b"", dtype="=i4")
        if matrix.size != 9:
            return QUARTERS[round(-frame.rotation / 90) % 4]
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


class _Filters:
    """A chain of FFmpeg's filters; kept between pictures that are alike."""

    def __init__(self) -> None:
        self._made: tuple[object, ...] | None = None
        self._graph = Graph()

    def __call__(self, frame: VideoFrame, *filters: tuple[str, str]) -> VideoFrame:
        """The picture as it comes out of `filters`, each by its name and its settings."""
        kind = frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range, filters
        if kind != self._made:
            graph = self._graph = Graph()
            graph.link_nodes(
                graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=TICK),
                *(graph.add(name, settings) for name, settings in filters),
                graph.add("buffersink"),
            ).configure()
            self._made = kind
        self._graph.push(frame)
        return cast(VideoFrame, self._graph.pull())


# Of a picture little but what comes beside it. PyAV 18.1 frees the name of the colour profile of a PNG twice, and the
# process crashes. And its side data and their frame hold each other: whole pictures, 25 MB each of 4K, would wait until
# Python happens to look for cycles.
BESIDE = ("sidedata", "mode=delete:type=ICC_PROFILE"), ("scale", "2:2:flags=neighbor")


def side_data_of(frame: VideoFrame, kind: str, filters: _Filters | None = None) -> bytes | None:
    """What comes with a decoded picture beside it, by FFmpeg's name of its kind; None without."""
    try:
        beside = (filters or _Filters())(frame, *BESIDE)
        listed = cast(Mapping[str, SideData], beside.side_data)  # PyAV's stub knows its other keys only
        return bytes(listed[kind])
    except KeyError:
        return None


def _nameless(kinds: type[SideDataType], number: int) -> SideDataType:
    """A kind of side data that PyAV has no name for, such as EXIF: without one it lists nothing beside it either."""
    kind = object.__new__(kinds)
    kind._name_ = f"KIND_{number}"
    kind._value_ = number  # type: ignore[assignment]  # PyAV's stub types values as members
    return kind


SideDataType._missing_ = classmethod(_nameless)  # type: ignore[assignment]


class Orientations:
    """Orientations of picture after picture: each is looked up where it may be another than before.

    That is where the angle differs, or where nothing refers to a picture before: of a folder of photographs some may be
    mirrored, which the angle alone does not say.
    """

    def __init__(self) -> None:
        self._last: tuple[int, Orientation] | None = None
        self._filters = _Filters()

    def of(self, frame: VideoFrame) -> Orientation:
        """Like `Orientation.of`."""
        if self._last is None or self._last[0] != frame.rotation or frame.key_frame:
            self._last = frame.rotation, Orientation.of(frame, self._filters)
        return self._last[1]


QUARTERS = (Orientation(), Orientation(True, True), Orientation(False, True, True), Orientation(True, False, True))


class Painter:
    """Turns decoded frames into upright RGB images of one requested size; keeps the scaler between frames."""

    def __init__(self, size: Size = None, *, sar: Fraction | None = None) -> None:
        self._crop = isinstance(size, CentreCrop)
        if isinstance(size, int):
            size = (size, size)
        if size is not None and not (len(size) == 2 and min(size) > 0):
            raise InputError(f"size must be a positive side or (width, height) in pixels, got {size}")
        self._size = size
        self._sar = sar or Fraction(1)
        self._scaler = VideoReformatter()
        self._filters = _Filters()
        self._orientations = Orientations()

    def paint(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The picture as uint8 (H, W, 3) RGB, upright, in square pixels or in the requested size."""
        turn = self._orientations.of(frame)
        width, height = self._scaled(frame, turn)
        if self._crop:
            image = turn.apply(self._filters(frame, *_scale(width, height)).to_ndarray())
            return _middle(image, min(image.shape[:2]))
        rgb = self._scaler.reformat(frame, width=width, height=height, format="rgb24", interpolation="BILINEAR")
        return turn.apply(rgb.to_ndarray())

    def _scaled(self, frame: VideoFrame, turn: Orientation) -> tuple[int, int]:
        """Width and height of the picture before it is turned, and before a square is cut out."""
        if self._size is None:
            return max(1, round(frame.width * self._sar)), frame.height
        if self._crop:
            side, shape = self._size[0], frame.width * self._sar / frame.height
            return max(side, int(side * shape)), max(side, int(side / shape))
        width, height = self._size
        return (height, width) if turn.transposed else (width, height)


def _scale(width: int, height: int) -> tuple[tuple[str, str], ...]:
    """FFmpeg's `scale` as its command runs it, to RGB.

    It takes colours of 4:2:0 to lie in the middle of four pixels, and the scaler of `VideoReformatter`, which follows
    the standard of H.264, at their left: on sharp coloured edges that is several grey levels.
    """
    return ("scale", f"{width}:{height}:flags=bicubic"), ("format", "pix_fmts=rgb24")


def _middle(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    top, left = ((length - side) // 2 for length in image.shape[:2])
    return np.ascontiguousarray(image[top : top + side, left : left + side])
