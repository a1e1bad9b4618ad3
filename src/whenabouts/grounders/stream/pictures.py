"""Pictures that are pushed to an online grounder: checked, and scaled to what is kept of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.video.frame import Painter

__all__ = ["check", "scaled"]


def check(frame: NDArray[Any], t: float, last: float) -> None:
    """Refuse what is no picture, uint8 (H, W, 3), and a time before `last`. Raises InputError."""
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8 or 0 in frame.shape:
        raise InputError(f"a picture is needed, uint8 (H, W, 3), got {frame.dtype} {frame.shape}")
    if not (math.isfinite(t) and t >= last):
        raise InputError(f"the times of pictures must not decrease, got {t} after {last}")


def scaled(image: NDArray[np.uint8], shrink: float) -> NDArray[np.uint8]:
    """A copy whose sides are `shrink` times as long; as it is where that is 1 or more."""
    if shrink >= 1:
        return image.copy()  # whoever pushed it may draw on it
    height, width = image.shape[:2]
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    return Painter(size).paint(VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24"))
