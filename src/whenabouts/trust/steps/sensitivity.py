"""How much less likely a reasoning path becomes when frames around the ends of the event change places (TaRO).

The reward of TaRO (arXiv:2606.09248), as its code computes it: the mean over all tokens of the response, conclusion
included, of how far each one's log-probability falls when the frames within three seconds of the true start, and those
within three seconds of the true end, are shuffled among themselves. A group of answers gets the reward where this is
above a threshold, the group's mean by default, and the answer overlaps the truth enough. Here it is the measure alone,
over as many shuffles as are asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.llm.conversation import Conversation, Engine, Frames

__all__ = ["Scoring", "shuffled_ends", "temporal_sensitivity"]

RADIUS = 3.0  # seconds around each end, as TaRO's training has it


@runtime_checkable
class Scoring(Protocol):
    """An engine that can tell how likely a given text is."""

    def likelihood(self, conversation: Conversation, frames: Frames, text: str) -> tuple[float, ...]:
        """The log-probability of each token of a text as the reply to a conversation."""
        ...


def temporal_sensitivity(
    engine: Engine,
    conversation: Conversation,
    frames: Frames,
    said: str,
    truth: tuple[float, float],
    *,
    radius: float = RADIUS,
    shuffles: int = 1,
    seed: int = 0,
) -> float:
    """The fall of the mean log-probability per token of what was `said`; above 0 where it rests on the order of frames.

    truth: start and end in seconds on the clock of `frames`

    Raises ModelError for an engine that cannot tell how likely a text is, and InputError where nothing was said.
    """
    if not isinstance(engine, Scoring):
        raise ModelError(f"{engine.name} cannot tell how likely a given text is; a model on this machine can")
    intact = engine.likelihood(conversation, frames, said)
    if not intact:
        raise InputError("an answer without words has no likelihood")
    rng = np.random.default_rng(seed)
    falls = []
    for _ in range(shuffles):
        changed = engine.likelihood(conversation, shuffled_ends(frames, truth, radius, rng), said)
        falls.append(float(np.mean(intact)) - float(np.mean(changed)))
    return float(np.mean(falls))


def shuffled_ends(frames: Frames, truth: tuple[float, float], radius: float, rng: np.random.Generator) -> Frames:
    """The same times with the images near each end of the truth in another order; one after the other, as TaRO does."""
    order = np.arange(len(frames.images))
    times = np.array(frames.times)
    for end in truth:
        near = np.flatnonzero(np.abs(times - end) <= radius)
        order[near] = order[rng.permutation(near)]
    return replace(frames, images=tuple(frames.images[i] for i in order))
