"""Pictures in which text may have changed: those that are read, kept until there is time to read them.

Text is looked for in other pictures than what is seen, fewer and larger ones, but of the same video. They are kept on
the way while the video is decoded for what is seen, which is answered first, and read afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.video.frame import Frame

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["SIDE", "NewPictures", "News", "block_means", "size_read"]

SIDE = 736  # pixels of the longer side that is read; type of 14 pixels in a 1280 × 720 picture survives it
BLOCK = 8  # pixels; the mean of such a square shows whether text was there before
CHANGE = 10.0  # of 255 levels, of any colour in any one square
MAX_BYTES = 64 << 20  # of pictures that are kept; those after them are decoded again


class NewPictures:
    """A `Viewer` of a video that keeps pictures; one that shows nothing new is kept as the one before it."""

    def __init__(self, video: Video, fps: float) -> None:
        self.video, self.fps, self.size = video, fps, size_read(video)
        self._news = News()
        self._frames: list[Frame] = []
        self._bytes = 0

    def see(self, frame: Frame) -> None:
        """Keep a picture, while there is room."""
        if self._bytes > MAX_BYTES:
            return
        if self._news.new(frame.image):
            self._bytes += frame.image.nbytes
            self._frames.append(frame)
        else:
            self._frames.append(Frame(frame.time, self._frames[-1].image))

    def and_the_rest(self) -> Iterator[Frame]:
        """Every picture: those that were kept, and then those that were not, decoded now. Only once."""
        count = len(self._frames)
        for number in range(count):
            yield self._frames[number]
        self._frames, self._bytes = [], 0
        yield from self.video.sample(self.fps, start=count / self.fps, size=self.size)


class News:
    """Tells pictures (H, W, 3) uint8 that differ anywhere from the last one that did, all of one size."""

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None

    def new(self, image: NDArray[np.uint8]) -> bool:
        """Whether text may have come or gone since."""
        squares = np.stack([block_means(image[:, :, colour], BLOCK) for colour in range(3)])
        if self._last is not None and np.abs(squares - self._last).max(initial=0.0) <= CHANGE:
            return False
        self._last = squares
        return True


def size_read(video: Video) -> tuple[int, int]:
    """Width and height of the pictures that are read."""
    shrink = min(1.0, SIDE / max(video.probe.width, video.probe.height))
    return max(1, round(video.probe.width * shrink)), max(1, round(video.probe.height * shrink))


def block_means(plane: NDArray[Any], side: int) -> NDArray[np.float32]:
    """The means of all squares of a plane (H, W) of whole numbers, (H // side, W // side); the rest is left out."""
    rows, columns = (length // side for length in plane.shape)
    whole = np.ascontiguousarray(plane[: rows * side, : columns * side]).reshape(rows, side, columns * side)
    down = np.einsum("rhx->rx", whole, dtype=np.float32, casting="unsafe").reshape(rows, columns, side)
    means: NDArray[np.float32] = np.einsum("rcw->rc", down) / np.float32(side * side)
    return means
