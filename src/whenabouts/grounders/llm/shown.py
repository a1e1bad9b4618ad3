"""The frames of a stretch of video as a paper shows them, with their true times."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.sampling import PAIR, FrameRule
from whenabouts.video import Video
from whenabouts.video.rate import rate_of

__all__ = ["Plan", "pictures", "planned", "scaled", "shown", "shown_coarsely", "stretch_numbers"]

NANOSECOND = 1e-9


class Plan(NamedTuple):
    """What is to be shown: numbers of pictures of the video, their (width, height) in pixels, and their rate."""

    indices: list[int]
    size: tuple[int, int]
    fps: float


def shown(
    video: Video,
    rule: FrameRule,
    stretch: tuple[float, float] | None = None,
    *,
    fps: float | None = None,
    frames: int | None = None,
) -> Frames:
    """The frames that `rule` chooses of `stretch` (seconds), with their true times from its start.

    stretch: None is the whole video
    fps:     another rate than the paper's
    frames:  at most so many; None is the paper's own bound

    A stretch of a single picture shows that one again. Raises VideoError, ModelError, InputError.
    """
    start, end = stretch or (0.0, video.duration)
    indices, size, fps = planned(video, rule.narrowed(fps, frames), (start, end))
    return Frames(*pictures(video, indices, start, size), fps)


def planned(video: Video, rule: FrameRule, stretch: tuple[float, float]) -> Plan:
    """What `rule` shows of a stretch (seconds). Raises VideoError, InputError."""
    start, end = stretch
    first, count = stretch_numbers(video.times, stretch, video.probe.average_rate)
    rate = rate_of(video, count, end - start)
    indices, size = rule.choose(max(PAIR, count), rate, video.probe.width, video.probe.height, first)
    return Plan([min(i, first + count - 1) for i in indices], size, len(indices) / count * rate)


def shown_coarsely(
    video: Video, rule: FrameRule, *, fps: float | None = None, frames: int | None = None
) -> tuple[Frames, int, list[float]]:
    """The whole video at first sight: its frames, how many stand under one stamp, and the stamps in seconds.

    Raises VideoError, ModelError, InputError.
    """
    count = len(video.times)
    rate = rate_of(video, count, video.duration)
    chosen = rule.narrowed(fps, frames).coarse(max(PAIR, count), rate, video.probe.width, video.probe.height)
    taken = pictures(video, [min(i, count - 1) for i in chosen.indices], 0.0, chosen.size)
    stamps = [max(0.0, float(video.times[min(i, count - 1)])) for i in chosen.stamps]
    return Frames(*taken, len(chosen.indices) / count * rate), chosen.clip, stamps


def stretch_numbers(
    times: NDArray[np.float64], stretch: tuple[float, float], rate: Fraction | float | None = None
) -> tuple[int, int]:
    """The number of the picture on show at the start of a stretch, and how many there are to that at its end.

    rate: as the file states it; the number that official code makes of it counts, where it is right to a nanosecond
    """
    first, last = (_on_show(times, at, float(rate or 0.0)) for at in stretch)
    return first, last - first + 1


def _on_show(times: NDArray[np.float64], at: float, rate: float) -> int:
    guess = int(at * rate)
    after = times[guess + 1] if guess + 1 < len(times) else np.inf
    if guess < len(times) and times[guess] - NANOSECOND <= at <= after + NANOSECOND:
        return guess
    return max(0, int(np.searchsorted(times, at + NANOSECOND, "right")) - 1)


def pictures(
    video: Video, numbers: Sequence[int], start: float, size: tuple[int, int]
) -> tuple[tuple[float, ...], tuple[NDArray[np.uint8], ...]]:
    """Times from `start` and images of the pictures with these numbers, scaled to `size`. Raises VideoError."""
    times: list[float] = []
    images: list[NDArray[np.uint8]] = []
    for frame in video.at([float(video.times[i]) for i in numbers]):
        times.append(max(0.0, frame.time - start))
        images.append(scaled(frame.image, size))
    return tuple(times), tuple(images)


def scaled(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture in another width and height, as official code scales it: bicubic and smoothed, off by 1 of 255 at most.

    Scaling while decoding would be faster, and is off by 1 to 2 on average.
    """
    from PIL import Image

    if image.shape[1::-1] == size:
        return image
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))
