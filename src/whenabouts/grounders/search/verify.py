"""Verifiers: a second look at a moment, as the probability that it matches the query."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Protocol

from whenabouts.grounders.llm.conversation import Conversation, Decoding, Engine, Frames, Reply, Turn
from whenabouts.grounders.llm.systems.videomind.verifying import verifier_score, widened
from whenabouts.grounders.search.showing import reply_about
from whenabouts.moment import Moment
from whenabouts.video import Video

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

    After VideoMind's verifier (arXiv:2503.13444), whose adapter and question are its own; here any model will do.
    """

    engine: Engine
    frames: int = 16
    seconds: float | None = None

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
            ask = partial(_asked, query, (moment.start - start, moment.end - start))
            reply = reply_about(self.engine, video, (start, end), self.frames, ask, Decoding(8, seconds=left))
            found.append(sureness(reply))
        return found


def _asked(query: str, moment: tuple[float, float], frames: Frames) -> Conversation:
    """The question about frames in which a moment, on their clock, stands between two marks."""
    start, end = moment
    shown = range(len(frames.times))
    inside = [i for i in shown if start <= frames.times[i] < end]
    nearest = min(shown, key=lambda i: abs(frames.times[i] - start))  # where none began inside
    first, last = (inside[0], inside[-1]) if inside else (nearest, nearest)
    parts = [*range(first), BEGIN, *range(first, last + 1), FINISH, *range(last + 1, len(shown))]
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
