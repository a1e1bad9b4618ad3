"""Pictures for those who cannot play a video: one frame, or a contact sheet with the times written on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, VideoError
from whenabouts.interchange.thumbnails import jpeg
from whenabouts.interchange.timeline import Timeline
from whenabouts.progress import Fraction
from whenabouts.server.digits import label
from whenabouts.server.milliseconds import HALF
from whenabouts.video import Frame, Video

__all__ = ["Place", "Sheet", "Still", "contact_sheet", "still"]

SHAPE = 4 / 3  # width by height that a sheet comes near to
LABEL_SHARE = 0.7  # of a tile's width that its time takes at most


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture is in its video.

    time: when it begins, in seconds        timecode: as editing programs call it, from that of the file on
    frame: its number there, from 0 on, at the constant rate of an editing program
    """

    time: float
    timecode: str
    frame: int


@dataclass(frozen=True, slots=True)
class Still:
    """One picture as a JPEG file, and where it is."""

    jpeg: bytes
    place: Place


@dataclass(frozen=True, slots=True)
class Sheet:
    """Several pictures on one, as a JPEG file: row by row from the upper left corner, in `columns`."""

    jpeg: bytes
    columns: int
    places: tuple[Place, ...]


def still(video: Video, time: float, *, size: int) -> Still:
    """The picture on show at a time in seconds, its longest side at most `size` pixels.

    Raises InputError for a time after the video, VideoError where no picture can be decoded.
    """
    _check_inside(video, time)
    frame = next(video.at([time + HALF], size=_fitted(video, size, size)), None)
    if frame is None:
        raise _undecodable(time)
    return Still(jpeg(frame.image), _place(Timeline.of(video), frame.time))


def contact_sheet(
    video: Video, start: float, end: float, count: int, *, size: int, progress: Fraction | None = None
) -> Sheet:
    """The pictures in the middle of each of `count` equal parts of [start, end), in seconds, each with its time.

    size: of the sheet's longest side, in pixels

    Raises InputError for a stretch that is not in the video, VideoError where no picture can be decoded.
    """
    _check_inside(video, start)
    end = min(end, video.duration)
    if not start < end:
        raise InputError(f"frames are taken from start to a later end, not from {start:.12g} to {end:.12g} s")
    columns = _columns(video, count)
    width, height = size // columns, size // math.ceil(count / columns)
    fitted = _fitted(video, width, height)
    times = [start + (end - start) * (k + 0.5) / count for k in range(count)]
    frames: list[Frame] = []
    for frame in video.at(times, size=fitted):
        frames.append(frame)
        if progress:
            progress(len(frames) / count)
    if not frames:
        raise _undecodable(start)
    timeline = Timeline.of(video)
    tiles = [_labelled(frame) for frame in frames]
    return Sheet(jpeg(_laid(tiles, columns)), columns, tuple(_place(timeline, frame.time) for frame in frames))


def _place(timeline: Timeline, time: float) -> Place:
    frame = timeline.rate.frame(time)
    return Place(time, timeline.rate.name(timeline.source + frame), frame)


def _check_inside(video: Video, time: float) -> None:
    if time > video.duration:
        raise InputError(f"the video ends at {video.duration:.3f} s, before {time:.12g} s; ask for an earlier time")


def _undecodable(time: float) -> VideoError:
    return VideoError(f"no picture can be decoded at {time:.12g} s; ask for another time")


def _fitted(video: Video, width: int, height: int) -> tuple[int, int]:
    """The size of the video's pictures within a box, never larger than they are, in even pixels as JPEG has them."""
    own = video.probe.width, video.probe.height
    scale = min(1.0, width / own[0], height / own[1])
    return max(2, int(own[0] * scale) // 2 * 2), max(2, int(own[1] * scale) // 2 * 2)


def _columns(video: Video, count: int) -> int:
    tall = video.probe.height / video.probe.width
    return min(count, max(1, round(math.sqrt(count * tall * SHAPE))))


def _labelled(frame: Frame) -> NDArray[np.uint8]:
    """The picture with its time in the lower left corner, as large as fits."""
    image = frame.image.copy()
    text = _clock(frame.time)
    plain = label(text, 1)
    scale = int(LABEL_SHARE * image.shape[1]) // plain.shape[1]
    drawn = label(text, max(1, scale))[: image.shape[0], : image.shape[1]]
    image[image.shape[0] - drawn.shape[0] :, : drawn.shape[1]] = drawn
    return image


def _clock(time: float) -> str:
    """Minutes, seconds and milliseconds; hours where there are any.

    >>> _clock(3723.25), _clock(9.9996)
    ('1:02:03.250', '0:10.000')
    """
    seconds, thousandths = divmod(round(time * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{head}:{seconds:02}.{thousandths:03}"


def _laid(tiles: Sequence[NDArray[np.uint8]], columns: int) -> NDArray[np.uint8]:
    """Tiles of one size (H, W, 3) in rows of `columns`; black where there are none."""
    height, width = tiles[0].shape[:2]
    sheet = np.zeros((math.ceil(len(tiles) / columns) * height, columns * width, 3), np.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = tile
    return sheet
