"""A short video with which anyone's sense of time can be tried: its length and its one event are plain to see.

A red circle stands on grey from 8 to 14 s of 26 s, a blue square from 17 to 21 s. No usual mistake about time leads
from the event to itself: not half or twice its times, nor the numbers of frames.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.synthetic.composed import ComposedVideo, Question
from whenabouts.video.compose import Still, compose

__all__ = ["EVENT", "QUERY", "SECONDS", "make_timed_video"]

SECONDS = 26.0
EVENT = (8.0, 14.0)
QUERY = "a red circle"
SQUARE = (17.0, 21.0)
SIZE = (320, 240)
RATE = 8  # frames per second


def make_timed_video(path: Path) -> ComposedVideo:
    """Write the video (mp4, 320 × 240) at `path`."""
    width, height = SIZE
    grey = np.full((height, width, 3), 128, np.uint8)
    rows, columns = np.mgrid[:height, :width]
    x, y = columns - width / 2, rows - height / 2
    circle = _painted(grey, x**2 + y**2 < (height / 3) ** 2, (220, 20, 20))
    square = _painted(grey, (np.abs(x) < height / 4) & (np.abs(y) < height / 4), (20, 40, 220))
    ends = [EVENT[0], EVENT[1], SQUARE[0], SQUARE[1], SECONDS]
    lengths = np.diff([0.0, *ends])
    stills = [
        Still(picture, float(seconds), 1.0)
        for picture, seconds in zip((grey, circle, grey, square, grey), lengths, strict=True)
    ]
    compose(path, stills, size=SIZE, rate=RATE)
    return ComposedVideo(path, (Question(QUERY, "seen", (EVENT,)), Question("a blue square", "seen", (SQUARE,))))


def _painted(picture: NDArray[np.uint8], where: NDArray[np.bool_], colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    painted = picture.copy()
    painted[where] = colour
    return painted
