"""What a video-language model is shown of a stretch of video when it is asked about it here."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from whenabouts.grounders.llm.conversation import Conversation, Decoding, Engine, Frames, Reply, TooManyFrames
from whenabouts.grounders.llm.limit import Limit
from whenabouts.video import Video

__all__ = ["frames_of", "reply_about"]

SIDE = 336  # pixels of the square pictures, as CLIP-based models take them


def frames_of(video: Video, start: float, end: float, count: int) -> Frames:
    """At most `count` pictures at even distances from all over [start, end) seconds, with true times from its start.

    A picture that stays on show is shown once; one that began before the stretch has time 0.
    """
    fps = count / (end - start)
    taken = {frame.time: frame.image for frame in islice(video.sample(fps, start=start, end=end, size=SIDE), count)}
    return Frames(tuple(max(0.0, time - start) for time in taken), tuple(taken.values()), fps)


def reply_about(
    engine: Engine,
    video: Video,
    stretch: tuple[float, float],
    count: int,
    ask: Callable[[Frames], Conversation],
    decoding: Decoding,
) -> Reply:
    """What is answered about at most `count` pictures of a stretch (seconds), or fewer if the engine takes no more.

    Raises VideoError, ModelError.
    """
    limit: Limit = getattr(engine, "limit", Limit())
    while True:
        frames = frames_of(video, *stretch, min(count, limit.most or count))
        try:
            [[reply]] = engine.answer([ask(frames)], frames, decoding)
        except TooManyFrames as error:
            shown = len(frames.images)
            limit.refuse(shown, error.limit)
            if not limit.most or limit.most >= shown:
                raise
        else:
            return reply
