"""Which frames VideoMind's roles are shown of a stretch of video (`dataset/utils.py` of yeliudev/VideoMind)."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.sampling import PAIR, Sampling
from whenabouts.video import Video

__all__ = ["numbers", "shown"]

LEAST = 4  # frames
USUAL = 25.0  # frames per second of a video that does not state its rate


def numbers(shown: Sampling, frames: int, rate: float, stretch: tuple[float, float] | None = None) -> list[int]:
    """The frames shown, by number, of a video with so many at `rate` per second: an even count, spread evenly.

    Unlike other papers' rule an odd count is rounded to the nearest even one, halves to a multiple of four, and the
    frame on which `stretch` (seconds) ends belongs to it.

    >>> numbers(Sampling(fps=1.0, max_frames=150), 300, 30.0)
    [0, 33, 66, 100, 133, 166, 199, 233, 266, 299]
    """
    start, end = stretch or (0.0, frames / rate)
    first, last = (min(max(0, round(second * rate)), frames - 1) for second in (start, end))
    count = _count(shown, min(max(LEAST, round((end - start) * rate)), frames), rate)
    return [round(first + i * (last - first) / (count - 1)) for i in range(count)]


def _count(shown: Sampling, frames: int, rate: float) -> int:
    most = shown.max_frames // PAIR * PAIR
    wanted = round(min(max(frames / rate * (shown.fps or 0.0), LEAST), most) / PAIR) * PAIR
    return max(PAIR, min(wanted, frames // PAIR * PAIR))


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
    rule = replace(rule, fps=fps or rule.fps, max_frames=min(rule.max_frames, frames or rule.max_frames))
    rate = float(video.probe.average_rate or USUAL)
    taken = numbers(rule, max(1, round(video.duration * rate)), rate, stretch)
    start = stretch[0] if stretch else 0.0
    step = max(taken[-1] - taken[0], 0.5) / (len(taken) - 1) / rate  # half a frame: the same one again
    first = min((taken[0] + 0.5) / rate, video.duration - 0.25 / rate)  # amid a frame: it is the one on show
    size = rule.size(video.probe.width, video.probe.height, len(taken))
    seen = list(islice(video.sample(1 / step, start=first, size=size), len(taken)))
    seen += [seen[-1]] * (len(taken) - len(seen))
    times = tuple(max(0.0, frame.time - start) for frame in seen)
    return Frames(times, tuple(frame.image for frame in seen), 1 / step)
