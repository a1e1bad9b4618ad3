"""What is sent to a model and what comes back: turns of words and frames, settings of decoding, replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import ModelError

__all__ = ["Conversation", "Decoding", "Engine", "Frames", "Heard", "Part", "Reply", "TooManyFrames", "Turn"]

Part = str | int  # words, or the index of a frame; adjacent frames are one piece of video


@dataclass(frozen=True, slots=True)
class Turn:
    """What a role says: words and frames in order; the model's own turns, said before, have no frames."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...]


Conversation = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Frames:
    """What a model is shown.

    times:  when each truly begins, in seconds from the start of what is asked about; they do not decrease
    images: one per time, (H, W, 3) uint8, all of one size
    fps:    frames per second of video, as official code tells them to a model: their number by the length
    """

    times: tuple[float, ...]
    images: tuple[NDArray[np.uint8], ...]
    fps: float

    @property
    def steady(self) -> bool:
        """Whether frame k begins at k / `fps`, or one frame beside it: else `fps` does not tell the times."""
        return all(abs(time * self.fps - k) <= 1 + 1e-6 for k, time in enumerate(self.times))


@dataclass(frozen=True, slots=True)
class Decoding:
    """How answers are drawn.

    tokens:        the longest answer
    temperature:   0 is greedy
    top_p:         of the probability, from which a token is drawn; 1 is all of it
    top_k:         likeliest tokens from which one is drawn; 0 is all of them
    repetition_penalty: 1 is none
    seed:          of draws on this machine, so that the same question has the same answers
    samples:       answers to each conversation
    opens_turn:    the prompt ends with the start of the model's turn; UniTime was trained without it
    probabilities: tokens come with their log-probabilities, where an engine can give them
    seconds:       the longest wait for all answers of a server, with retries; None is as long as the server may take

    Nothing else decides: what a checkpoint's own `generation_config` says of these is not used.
    """

    tokens: int = 512
    temperature: float = 0.0
    samples: int = 1
    opens_turn: bool = True
    probabilities: bool = True
    seconds: float | None = None
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its text and, where the engine gives them, its tokens with their log-probabilities.

    failure: why there is no answer, where this one query was refused or left without one; the text is what was said
             until then
    notes:   what differs from what was asked for, such as a temperature that the server does not take
    """

    text: str
    tokens: tuple[str, ...] = ()
    logprobs: tuple[float, ...] = ()
    failure: str = ""
    notes: tuple[str, ...] = ()


Heard = Callable[[int, list[Reply]], None]  # the number of a conversation, and all its replies, once they are there


class TooManyFrames(ModelError):
    """A model takes fewer frames than it was shown; with fewer the same question can be asked again.

    limit: how many it takes, where it says so
    """

    def __init__(self, sentence: str, limit: int | None = None) -> None:
        super().__init__(sentence)
        self.limit = limit


class Engine(Protocol):
    """Sends conversations about frames and returns the replies.

    An engine that holds weights has a property `weight_bytes`, their size in memory; one that makes a single step of
    time of two frames that stand side by side has a true property `merges`.
    """

    @property
    def stamped(self) -> bool:
        """Whether frames lose their times on the way, so that these must be written before them."""
        ...

    @property
    def name(self) -> str:
        """The model, for receipts."""
        ...

    @property
    def identity(self) -> str:
        """What identifies its weights, at best a sha256."""
        ...

    def answer(
        self, conversations: Sequence[Conversation], frames: Frames, decoding: Decoding, heard: Heard | None = None
    ) -> list[list[Reply]]:
        """`decoding.samples` replies to each conversation, all about the same frames; `heard` gets each as it comes.

        Raises ModelError, and TooManyFrames where fewer frames would do.
        """
        ...
