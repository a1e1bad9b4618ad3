"""Which frames of a video a video-language model is shown, and how large: a rule for each family of models."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from whenabouts.errors import InputError, ModelError

__all__ = ["PAIR", "Coarse", "FrameRule", "Rounded", "Sampling", "Shown", "Timed", "TokenRule", "evenly", "resized"]

PAIR = 2  # frames that Qwen's vision towers merge into one step of time
CLIP = 32.0  # seconds under one stamp when a video is shown coarsely


class Shown(NamedTuple):
    """Numbers of frames, counted from 0 and not decreasing, and the (width, height) in pixels of all of them."""

    indices: list[int]
    size: tuple[int, int]


class Coarse(NamedTuple):
    """As `Shown`, of a long video at first sight: every `clip` frames stand under one stamp.

    `stamps` are the numbers of the frames whose times are written, one for each clip.
    """

    indices: list[int]
    size: tuple[int, int]
    clip: int
    stamps: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRule(ABC):
    """What all rules have.

    fps:        frames per second of video; None where their number does not depend on its length
    max_frames: how many at most
    """

    fps: float | None
    max_frames: int

    @property
    @abstractmethod
    def pixels(self) -> int:
        """The budget of pixels for all pairs of frames together, or for each frame where there is none."""

    @abstractmethod
    def choose(self, frames: int, rate: float, width: int, height: int, first: int = 0) -> Shown:
        """What is shown of so many frames from the `first` on, at `rate` per second, each `width` × `height` pixels.

        Raises InputError.
        """

    def coarse(self, frames: int, rate: float, width: int, height: int) -> Coarse:
        """The same for a first sight of a long video, with one stamp for every 32 s."""
        chosen = self.choose(frames, rate, width, height)
        clip = max(PAIR, _down(len(chosen.indices) * CLIP * rate / frames))
        return Coarse(*chosen, clip, chosen.indices[::clip])

    def narrowed(self, fps: float | None, frames: int | None) -> Self:
        """The rule at another rate, or with at most so many frames; None leaves it. Raises ModelError."""
        if fps is not None and self.fps is None:
            raise ModelError("this model is shown the same number of frames of any video; leave fps out")
        most = self.max_frames if frames is None else min(self.max_frames, max(frames, 1))
        return replace(self, fps=self.fps if fps is None else fps, max_frames=most)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRule(FrameRule):
    """A rule with a budget of visual tokens.

    token_side: pixels of a token's side: 28 for Qwen2-VL and Qwen2.5-VL, 32 for Qwen3-VL
    min_tokens, max_tokens: tokens of a frame, at least and at most
    total_tokens:           tokens of all pairs of frames together
    """

    token_side: int = 28
    min_tokens: int
    max_tokens: int = 768
    total_tokens: int = 16384

    @property
    def pixels(self) -> int:
        """Those of `total_tokens`."""
        return self.total_tokens * self.token_side**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(TokenRule):
    """Frames by rate between two bounds, and tokens by budget, as qwen-vl-utils (0.0.8 to 0.0.14) chooses them.

    min_frames: how many at least
    """

    fps: float | None = 2.0
    max_frames: int = 768
    min_frames: int = 4
    min_tokens: int = 16

    def choose(self, frames: int, rate: float, width: int, height: int, first: int = 0) -> Shown:
        """Frames evenly from the first to the last. Raises InputError."""
        indices = self.indices(frames, rate, first)
        return Shown(indices, self.size(width, height, len(indices)))

    def indices(self, frames: int, rate: float, first: int = 0) -> list[int]:
        """The numbers of the frames shown, of so many from the `first` on at `rate` per second; an even count.

        Raises InputError.

        >>> Sampling().indices(300, 30.0)[:3], len(Sampling().indices(300, 30.0))
        ([0, 16, 31], 20)
        """
        if frames < PAIR or rate <= 0:
            raise InputError(f"a video of {frames} frames at {rate} per second is too short to be shown")
        return evenly(first, first + frames - 1, max(PAIR, self.count(frames, rate)))

    def count(self, frames: int, rate: float) -> int:
        """How many of so many frames at `rate` per second are shown."""
        least, most = _up(self.min_frames), _down(min(self.max_frames, frames))
        return _down(min(max(frames / rate * (self.fps or 0.0), least), most, frames))

    def size(self, width: int, height: int, frames: int) -> tuple[int, int]:
        """Width and height in pixels at which each of so many frames is shown."""
        area = self.token_side**2
        most = min(self.max_tokens * area, self.total_tokens * area / frames * PAIR)
        least = self.min_tokens * area
        return resized(width, height, self.token_side, least, max(most, int(least * 1.05)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed(Sampling):
    """Time-R1's variant: frames are counted by seconds, where the product with the rate may lose the last one."""

    def indices(self, frames: int, rate: float, first: int = 0) -> list[int]:
        """As `Sampling.indices`, of the frames up to int(frames / rate · rate)."""
        counted = int(frames / rate * rate) if rate > 0 else frames
        return Sampling.indices(self, counted if counted >= PAIR else frames, rate, first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded(Sampling):
    """VideoMind's variant: the number of frames is rounded, and a frame has bounds of tokens but no budget."""

    @property
    def pixels(self) -> int:
        """Those of `max_tokens`: each frame has as many."""
        return self.max_tokens * self.token_side**2

    def count(self, frames: int, rate: float) -> int:
        """How many of so many frames at `rate` per second are shown."""
        least, most = _up(self.min_frames), _down(min(self.max_frames, frames))
        return round(min(max(frames / rate * (self.fps or 0.0), least), most) / PAIR) * PAIR

    def size(self, width: int, height: int, frames: int) -> tuple[int, int]:
        """As `Sampling.size`; a picture made large enough may still be too large, and is then made smaller."""
        area = self.token_side**2
        w, h = resized(width, height, self.token_side, self.min_tokens * area, math.inf)
        most = self.max_tokens * area
        return (w, h) if w * h <= most else _shrunk(width, height, self.token_side, most)


def evenly(first: int, last: int, count: int) -> list[int]:
    """`count` whole numbers at even distances from `first` to `last`: the very ones of `torch.linspace(…).round()`.

    Official code computes in float32, from both ends towards the middle, each product added before it is rounded. In
    float64 one number in some thousand would be another.

    >>> evenly(0, 9, 4)
    [0, 3, 6, 9]
    """
    if count == 1:
        return [first]
    step = np.float64(np.float32(last - first) / np.float32(count - 1))
    k = np.arange(count)
    line = np.where(k < count // 2, first + step * k, last - step * (count - 1 - k))
    return [int(i) for i in np.rint(line.astype(np.float32))]


def resized(width: int, height: int, side: int, least: float, most: float) -> tuple[int, int]:
    """The nearest width and height in whole tokens of `side` pixels with `least` to `most` pixels in all.

    Raises InputError on a picture more than 200 times as long as wide, as Qwen's `smart_resize` refuses it.
    """
    if max(width, height) / min(width, height) > 200:
        raise InputError(f"a picture of {width} x {height} is too long to be shown")
    w, h = (max(side, round(x / side) * side) for x in (width, height))
    if w * h > most:
        return _shrunk(width, height, side, most)
    if w * h < least:
        scale = math.sqrt(least / (width * height))
        w, h = (math.ceil(x * scale / side) * side for x in (width, height))
    return w, h


def _shrunk(width: int, height: int, side: int, most: float) -> tuple[int, int]:
    scale = math.sqrt(width * height / most)
    w, h = (max(side, math.floor(x / scale / side) * side) for x in (width, height))
    return w, h


def _down(count: float) -> int:
    return int(count // PAIR) * PAIR


def _up(count: float) -> int:
    return math.ceil(count / PAIR) * PAIR
