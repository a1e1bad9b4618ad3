"""What a video-language model is shown of a stretch of video when it is asked about it here."""

from __future__ import annotations

from itertools import islice

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.video import Video

__all__ = ["frames_of"]

SIDE = 336  # pixels of the square pictures, as CLIP-based models take them


def frames_of(video: Video, start: float, end: float, count: int) -> Frames:
    """At most `count` pictures at even distances from all over [start, end) seconds, with true times from its start.

    A picture that stays on show is shown once; one that began before the stretch has time 0.
    """
    fps = count / (end - start)
    taken = {frame.time: frame.image for frame in islice(video.sample(fps, start=start, end=end, size=SIDE), count)}
    return Frames(tuple(max(0.0, time - start) for time in taken), tuple(taken.values()), fps)
