"""Which frames VideoMind's roles are shown of a stretch of video (`dataset/utils.py` of yeliudev/VideoMind)."""

from __future__ import annotations

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.sampling import PAIR, Sampling, evenly
from whenabouts.grounders.llm.shown import pictures, stretch_numbers
from whenabouts.video import Video
from whenabouts.video.rate import rate_of

__all__ = ["numbers", "shown"]

LEAST = 4  # frames


def numbers(shown: Sampling, frames: int, rate: float, stretch: tuple[float, float] | None = None) -> list[int]:
    """The frames shown, by number, of a video with so many at `rate` per second: an even count, spread evenly.

    Unlike other papers' rule an odd count is rounded to the nearest even one, halves to a multiple of four, and the
    frame on which `stretch` (seconds) ends belongs to it.

    >>> numbers(Sampling(fps=1.0, max_frames=150), 300, 30.0)
    [0, 33, 66, 100, 133, 166, 199, 233, 266, 299]
    """
    start, end = stretch or (0.0, frames / rate)
    first, last = (min(max(0, round(second * rate)), frames - 1) for second in (start, end))
    count = shown.count(min(max(LEAST, round((end - start) * rate)), frames), rate)
    return evenly(first, last, max(PAIR, count))


def shown(
    video: Video,
    rule: Sampling,
    stretch: tuple[float, float] | None = None,
    *,
    fps: float | None = None,
    frames: int | None = None,
) -> Frames:
    """Those frames with their times from the start of `stretch`; the arguments are those of `llm.shown.shown`.

    Raises VideoError.
    """
    rule = rule.narrowed(fps, frames)
    rate = rate_of(video, len(video.times), video.duration)
    start = stretch[0] if stretch else 0.0
    if stretch and video.probe.variable_rate:  # where pictures come unevenly, seconds say nothing of numbers
        first, count = stretch_numbers(video.times, stretch)
        stretch = first / rate, (first + count - 1) / rate
    taken = numbers(rule, len(video.times), rate, stretch)
    size = rule.size(video.probe.width, video.probe.height, len(taken))
    fps = len(taken) / max(1, taken[-1] - taken[0] + 1) * rate
    return Frames(*pictures(video, taken, start, size), fps)
