"""Which frames a video-language model is shown, and how large."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from whenabouts.errors import InputError

__all__ = ["PAIR", "Sampling", "resized"]

PAIR = 2  # frames that Qwen's vision towers merge into one step of time


@dataclass(frozen=True, slots=True)
class Sampling:
    """Frames by rate between two bounds, and tokens by budget, as qwen-vl-utils chooses them.

    fps:                    frames per second of video
    min_frames, max_frames: how many at least and at most
    token_side:             pixels of a token's side: 28 for Qwen2-VL and Qwen2.5-VL, 32 for Qwen3-VL
    min_tokens, max_tokens: tokens of a frame, at least and at most
    total_tokens:           tokens of all pairs of frames together
    """

    fps: float = 2.0
    min_frames: int = 4
    max_frames: int = 768
    token_side: int = 28
    min_tokens: int = 16
    max_tokens: int = 768
    total_tokens: int = 16384

    def indices(self, frames: int, rate: float) -> list[int]:
        """The indices of the frames shown, of a video with so many at `rate` per second; an even count, spread evenly.

        Raises InputError.

        >>> Sampling().indices(300, 30.0)[:3], len(Sampling().indices(300, 30.0))
        ([0, 16, 31], 20)
        """
        if frames < PAIR or rate <= 0:
            raise InputError(f"a video of {frames} frames at {rate} per second is too short to be shown")
        least, most = _up(self.min_frames), _down(min(self.max_frames, frames))
        count = min(max(frames / rate * self.fps, least), most, frames)
        count = max(PAIR, _down(count))
        return [int(i) for i in np.round(np.linspace(0, frames - 1, count)).astype(int)]

    def times(self, duration: float, rate: float) -> list[float]:
        """The same as seconds on a video of `duration` and a nominal `rate`."""
        return [i / rate for i in self.indices(max(PAIR, round(duration * rate)), rate)]

    def size(self, width: int, height: int, frames: int) -> tuple[int, int]:
        """Width and height in pixels at which each of so many frames is shown."""
        area = self.token_side**2
        most = min(self.max_tokens * area, self.total_tokens * area / frames * PAIR)
        least = self.min_tokens * area
        return resized(width, height, self.token_side, least, max(most, least * 1.05))


def resized(width: int, height: int, side: int, least: float, most: float) -> tuple[int, int]:
    """The nearest width and height in whole tokens of `side` pixels with `least` to `most` pixels in all.

    Raises InputError on a picture more than 200 times as long as wide, as Qwen's `smart_resize` refuses it.
    """
    if max(width, height) / min(width, height) > 200:
        raise InputError(f"a picture of {width} x {height} is too long to be shown")
    w, h = (max(side, round(x / side) * side) for x in (width, height))
    if w * h > most:
        scale = math.sqrt(width * height / most)
        w, h = (max(side, math.floor(x / scale / side) * side) for x in (width, height))
    elif w * h < least:
        scale = math.sqrt(least / (width * height))
        w, h = (math.ceil(x * scale / side) * side for x in (width, height))
    return w, h


def _down(count: float) -> int:
    return int(count // PAIR) * PAIR


def _up(count: float) -> int:
    return math.ceil(count / PAIR) * PAIR
