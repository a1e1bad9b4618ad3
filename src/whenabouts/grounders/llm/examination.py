"""A model examined with two questions about a video that is known: whether it keeps time, and how it answers."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from whenabouts.grounders.llm.conversation import Decoding, Frames, Reply, TooManyFrames
from whenabouts.grounders.llm.engines.openai.messages import NO_VIDEO
from whenabouts.grounders.llm.grounder import VideoLLM
from whenabouts.grounders.llm.limit import Limit
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.sampling import PAIR
from whenabouts.grounders.llm.shown import shown
from whenabouts.grounders.llm.timekeeping import LENGTH, Judgement, judge
from whenabouts.video import Video

__all__ = ["Examination", "examine"]

FPS = 2.0  # frames per second of video; at one, a number of a frame is its time and nothing could be told apart


@dataclass(frozen=True, slots=True)
class Examination:
    """What came of it.

    length, moment: the answers in words            frames: shown at once            limit: how many are taken
    seconds:        for one answer, on average      probabilities: tokens come with theirs
    notes:          what was asked for otherwise, as the server wants it
    no_video:       why no video was sent although one was wanted
    """

    judgement: Judgement
    length: str
    moment: str
    frames: int
    limit: Limit
    seconds: float
    probabilities: bool
    notes: tuple[str, ...]
    no_video: str


def examine(grounder: VideoLLM, video: Video, query: str, event: tuple[float, float]) -> Examination:
    """Ask how long `video` is, and when `query` happens in it, which is at `event`, in seconds.

    Raises VideoError, ModelError, MissingExtra.
    """
    paper = grounder.paper
    asked = (paper.prompting, replace(paper.prompting, question=LENGTH, second="", coarse=""))
    decoding = Decoding(paper.tokens, 0.0, 1, paper.prompting.opens_turn)
    most, limit = grounder.frames, Limit()
    while True:
        frames = shown(video, paper.sampling, fps=grounder.fps or FPS, frames=most)
        began = time.monotonic()
        try:
            moment, length = (_ask(grounder, each, query, frames, decoding) for each in asked)
            break
        except TooManyFrames as error:
            limit.refuse(len(frames.times), error.limit)
            most = limit.most
            if not PAIR <= (most or 0) < len(frames.times):
                raise
    seconds = (time.monotonic() - began) / len(asked)
    fps = len(frames.times) / video.duration
    found = judge(length.text, moment.text, seconds=video.duration, event=event, fps=fps)
    if not (length.text or moment.text) and (why := moment.failure or length.failure):
        found = replace(found, sentence=f"{found.sentence}: {why}")
    notes = tuple(dict.fromkeys((*moment.notes, *length.notes)))
    told = bool(moment.tokens or length.tokens)
    no_video = next((note for note in notes if note in NO_VIDEO), "")
    return Examination(found, length.text, moment.text, len(frames.times), limit, seconds, told, notes, no_video)


def _ask(grounder: VideoLLM, prompting: Prompting, query: str, frames: Frames, decoding: Decoding) -> Reply:
    engine = grounder.engine
    paired = bool(getattr(engine, "merges", False))
    conversation = prompting.conversation(query, frames.times, stamped=engine.stamped, paired=paired)
    [[reply]] = engine.answer([conversation], frames, decoding)
    return reply
