"""What a video-language model is shown of a stretch of video when it is asked about it here."""

from __future__ import annotations

from itertools import islice

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.video import Video

__all__ = ["frames_of"]

SIDE = 336  # pixels of the square pictures, as CLIP-based models take them


def frames_of(video: Video, start: float, end: float, count: int) -> Frames:
    """At most `count` pictures at even distances from all over [start, end) seconds, with times from its start."""
    fps = count / (end - start)
    shown = list(islice(video.sample(fps, start=start, end=end, size=SIDE), count))
    return Frames(tuple(i / fps for i in range(len(shown))), tuple(frame.image for frame in shown), fps)
