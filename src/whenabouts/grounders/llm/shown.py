"""The frames of a stretch of video as a paper shows them, with their true times."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.sampling import PAIR, Sampling
from whenabouts.video import Video

__all__ = ["shown"]


def shown(
    video: Video,
    sampling: Sampling,
    stretch: tuple[float, float] | None = None,
    *,
    fps: float | None = None,
    frames: int | None = None,
) -> Frames:
    """Frames by number, evenly from the first to the last of `stretch` (seconds), with times from its start.

    stretch: None is the whole video
    fps:     another rate than the paper's
    frames:  at most so many; None is the paper's own bound

    Raises VideoError.
    """
    start, end = stretch or (0.0, video.duration)
    rule = sampling if fps is None else replace(sampling, fps=fps)
    seconds = end - start
    rate = max(float(video.probe.average_rate or rule.fps), 4 / seconds)  # enough to show four where there are fewer
    count = len(rule.times(seconds, rate))
    count = count if frames is None else min(count, max(PAIR, frames // PAIR * PAIR))
    half = 0.5 / rate  # of a frame: the nearest is taken, not the one before
    step = (seconds - 2 * half) / max(1, count - 1)
    size = rule.size(video.probe.width, video.probe.height, count)
    taken = list(islice(video.sample(1 / step, start=start + half, end=end, size=size), count))
    times = tuple(max(0.0, frame.time - start) for frame in taken)
    return Frames(times, tuple(frame.image for frame in taken), count / seconds)
