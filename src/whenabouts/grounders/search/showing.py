"""What a video-language model is shown of a stretch of video when it is asked about it here."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from whenabouts.grounders.llm.choosing import Chosen, pictures_at, selected
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Engine, Frames, Reply, TooManyFrames
from whenabouts.grounders.llm.limit import Limit
from whenabouts.selection import Selector
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["chosen_frames", "frames_of", "reply_about"]

SIDE = 336  # pixels of the square pictures, as CLIP-based models take them


def frames_of(video: Video, start: float, end: float, count: int) -> Frames:
    """At most `count` pictures at even distances from all over [start, end) seconds, with true times from its start.

    A picture that stays on show is shown once; one that began before the stretch has time 0.
    """
    fps = count / (end - start)
    taken = {frame.time: frame.image for frame in islice(video.sample(fps, start=start, end=end, size=SIDE), count)}
    return Frames(tuple(max(0.0, time - start) for time in taken), tuple(taken.values()), fps)


def chosen_frames(selector: Selector, video: Video, start: float, end: float, query: str, count: int) -> Chosen:
    """At most `count` pictures of [start, end) seconds that a selector chooses, with true times from its start.

    Raises VideoError, ModelError, InputError, MissingExtra.
    """
    part = Part(video, start, end)
    selection = selected(selector, part, query, count)
    frames = Frames(*pictures_at(part, selection.times, SIDE), len(selection.times) / part.duration)
    return Chosen(frames, selection, count)


def reply_about(
    engine: Engine,
    show: Callable[[int], Frames],
    count: int,
    ask: Callable[[Frames], Conversation],
    decoding: Decoding,
) -> Reply:
    """What is answered about at most `count` pictures, or fewer if the engine takes no more.

    show: at most so many pictures -> what is shown

    Raises VideoError, ModelError.
    """
    limit: Limit = getattr(engine, "limit", Limit())
    while True:
        frames = show(min(count, limit.most or count))
        try:
            [[reply]] = engine.answer([ask(frames)], frames, decoding)
        except TooManyFrames as error:
            shown = len(frames.images)
            limit.refuse(shown, error.limit)
            if not limit.most or limit.most >= shown:
                raise
        else:
            return reply
