"""Verifiers: a second look at a moment, as the probability that it matches the query."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Protocol

from whenabouts.grounders.llm.conversation import Conversation, Decoding, Engine, Frames, Reply, Turn
from whenabouts.grounders.llm.prompting import PLAIN_STAMP
from whenabouts.grounders.llm.systems.videomind.verifying import verifier_score, widened
from whenabouts.grounders.search.showing import chosen_frames, frames_of, reply_about
from whenabouts.moment import Moment
from whenabouts.selection import Selector
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["Ask", "Verifier", "sureness"]

QUESTION = (
    "The frames above are part of a longer video; the moment in question lies between the two marks. "
    "Does it show this: '{}'? Answer Yes or No."
)
BEGIN, FINISH = "<moment begins>", "<moment ends>"


class Verifier(Protocol):
    """Anything that can say how likely a moment answers a query."""

    @property
    def name(self) -> str:
        """What looks, for the receipt."""
        ...

    def verify(self, video: Video, query: str, moments: Sequence[Moment]) -> list[float]:
        """A probability in [0, 1] for each moment."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """A video-language model is shown each moment with half its length around it, and asked yes or no.

    seconds: what a server may take for all answers; a moment that has none by then is as likely as not
    selector: what chooses the frames inside the moment, each then shown after its time; those around it stay even
    models:  sha256 of the weights that chose so far, by name

    After VideoMind's verifier (arXiv:2503.13444), whose adapter and question are its own; here any model will do.
    """

    engine: Engine
    frames: int = 16
    seconds: float | None = None
    selector: Selector | None = None
    models: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """The engine's."""
        return self.engine.name

    def verify(self, video: Video, query: str, moments: Sequence[Moment]) -> list[float]:
        """sigmoid(P(Yes) - P(No)) if the engine returns probabilities, else by the first word."""
        found = []
        over = None if self.seconds is None else monotonic() + self.seconds
        for moment in moments:
            start, end = widened((moment.start, moment.end), video.duration)
            left = None if over is None else max(0.0, over - monotonic())
            within = moment.start - start, moment.end - start
            ask = partial(_asked, query, within, stamped=self.selector is not None)
            show = partial(self._shown, Part(video, start, end), query, within)
            reply = reply_about(self.engine, show, self.frames, ask, Decoding(8, seconds=left))
            found.append(sureness(reply))
        return found

    def _shown(self, part: Video, query: str, moment: tuple[float, float], count: int) -> Frames:
        """At most `count` frames of a part: at even distances, or inside the moment as the selector chooses them."""
        even = frames_of(part, 0.0, part.duration, count)
        start, end = max(0.0, moment[0]), min(moment[1], part.duration)
        inside = sum(start <= time < end for time in even.times)
        if self.selector is None or not inside:
            return even
        frames, selection, _ = chosen_frames(self.selector, part, start, end, query, inside)
        self.models.update(selection.models)
        every = {t: i for t, i in zip(even.times, even.images, strict=True) if not start <= t < end}
        every |= {start + t: i for t, i in zip(frames.times, frames.images, strict=True)}
        times = sorted(every)
        return Frames(tuple(times), tuple(every[time] for time in times), even.fps)


def _asked(query: str, moment: tuple[float, float], frames: Frames, *, stamped: bool = False) -> Conversation:
    """The question about frames in which a moment, on their clock, stands between two marks.

    stamped: write the time of each before it
    """
    start, end = moment
    shown = range(len(frames.times))
    inside = [i for i in shown if start <= frames.times[i] < end]
    nearest = min(shown, key=lambda i: abs(frames.times[i] - start))  # where none began inside
    first, last = (inside[0], inside[-1]) if inside else (nearest, nearest)
    parts: list[str | int] = [*range(first), BEGIN, *range(first, last + 1), FINISH, *range(last + 1, len(shown))]
    if stamped:
        pieces = [(PLAIN_STAMP.format(frames.times[p]), p) if isinstance(p, int) else (p,) for p in parts]
        parts = [piece for both in pieces for piece in both]
    return (Turn("user", (*parts, QUESTION.format(query))),)


def sureness(reply: Reply) -> float:
    """How sure a yes or no is: VideoMind's sigmoid(P(Yes) - P(No)); 0.5 for an answer that is neither.

    >>> round(sureness(Reply("No", ("No",), (0.0,))), 3)
    0.269
    """
    words = reply.text.strip().casefold()
    yes = words.startswith("yes")
    if not yes and not words.startswith("no"):
        return 0.5
    first = next((i for i, token in enumerate(reply.tokens) if token.strip()), None)
    probability = math.exp(reply.logprobs[first]) if first is not None else 1.0
    return verifier_score(probability, 0.0) if yes else verifier_score(0.0, probability)
