"""`StreamedModel`: a video-language model that reads a stream without end, of which a cache policy keeps a part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Reply
from whenabouts.grounders.stream.cache.attention import Reading, reading
from whenabouts.grounders.stream.cache.families import family_of
from whenabouts.grounders.stream.cache.placing import behind, text_behind
from whenabouts.grounders.stream.cache.policy import CachePolicy, Chunk, Tokens
from whenabouts.grounders.stream.cache.rotary import Rotary
from whenabouts.grounders.stream.cache.words import Words

__all__ = ["StreamedModel"]

YES, NO = ("Yes", "yes", "YES"), ("No", "no", "NO")


class StreamedModel:
    """A model of transformers over a stream, one sequence, with what its policy keeps as its only memory.

    engine: what holds the `network` and its `processor`, as `TransformersEngine`
    policy: of this stream alone

    Raises ModelError for a model of another family, or with layers that a policy cannot serve.
    """

    def __init__(self, engine: Any, policy: CachePolicy) -> None:
        self.network, self.policy = engine.network, policy
        self._family = family_of(engine.network, engine.processor)
        self._words = Words(engine, self._family.mark)
        self._text = engine.network.model.language_model
        self._rotary = Rotary(self._text)
        self._limit: int | None = getattr(self._text.config, "max_position_embeddings", None)
        self._device = self.network.device
        self._tokens = self._frames = 0
        self._last: int | None = None  # position of the newest token, on the first axis
        self._begun: float | None = None
        self._newest: float | None = None
        self._start = self._read_prompt()

    @property
    def nbytes(self) -> int:
        """Bytes that the policy keeps of the stream."""
        return self.policy.nbytes

    @property
    def frames(self) -> int:
        """Frames seen so far."""
        return self._frames

    @torch.inference_mode()
    def see(self, frames: NDArray[np.uint8] | Sequence[NDArray[np.uint8]], t: float) -> None:
        """Read one frame (H, W, 3), or a few that make one chunk, that was on show at `t` seconds.

        Raises ModelError where what is kept is more than the model can attend to.
        """
        shown = [np.ascontiguousarray(frame) for frame in ([frames] if np.ndim(frames) == 3 else frames)]
        if not shown or not math.isfinite(t) or (self._newest is not None and t < self._newest):
            raise ModelError(
                f"a stream goes on with a frame and a time that does not decrease, got {len(shown)} at {t}"
            )
        features, grid = self._family.features(shown)
        begun = t if self._begun is None else self._begun
        previous = None if self._newest is None else self._newest - begun
        before = self._start - 1 if self._last is None else self._last
        absolute = self._family.positions(grid, before, self._start, t - begun, previous).to(self._device)
        steps = torch.arange(grid[0], device=self._device).repeat_interleave(grid[1] * grid[2])
        chosen = self.policy.admit(features, grid).to(self._device)
        count = int(chosen.sum())
        # On one axis tokens are counted, so that those left out leave no gap.
        absolute = absolute[:, :count] if self._family.axes == 1 else absolute[:, chosen]
        if count:
            numbers = self._tokens + torch.arange(count, device=self._device)
            place = partial(behind, absolute=absolute, last=self._last, start=self._start)
            one = Reading(
                self._rotary,
                lambda layer, _: self.policy.attended(layer),
                place,
                numbers,
                self._frames + steps[chosen],
                self._limit,
            )
            self._pass(features[chosen], one)
            layers = [tokens.placed(absolute) for tokens in one.layers]
            self.policy.arrive(Chunk(layers, one.queries, features[chosen], grid))
            self._tokens += count
            self._last = int(absolute[0].max())
        self._frames += grid[0]
        self._begun, self._newest = begun, t

    @torch.inference_mode()
    def ask(self, question: str, *, tokens: int = 64) -> Reply:
        """The likeliest answer of at most so many tokens. What is kept of the stream stays as it is."""
        logits, held = self._asked(question)
        written: list[int] = []
        chances: list[float] = []
        ends = self._words.ends()
        while len(written) < tokens:
            likely = logits.float().log_softmax(-1)
            best = int(likely.argmax())
            if best in ends:
                break
            written.append(best)
            chances.append(float(likely[best]))
            if len(written) < tokens:
                logits = self._after(self._words.embedded([best]), held)
        pieces = tuple(self._words.text([token]) for token in written)
        return Reply(self._words.text(written), pieces, tuple(chances))

    @torch.inference_mode()
    def logits(self, question: str) -> Tensor:
        """(V,): what the model would write first."""
        return self._asked(question)[0]

    def yes_probability(self, question: str) -> float:
        """How likely an answer begins with yes rather than no, in [0, 1]."""
        likely = self.logits(question).float().softmax(-1)
        yes, no = (sum(float(likely[token]) for token in self._firsts(words)) for words in (YES, NO))
        if not math.isfinite(yes + no):
            raise ModelError("the model's answer has no probability: its numbers are not finite")
        return yes / (yes + no) if yes + no > 0 else 0.5

    def _firsts(self, words: Sequence[str]) -> set[int]:
        return {self._words.ids(word)[0] for word in words}

    @torch.inference_mode()
    def _read_prompt(self) -> int:
        """Let the policy take in what stands before the video; returns where the stream begins."""
        ids = self._words.before()
        if not ids:
            return 0
        embedded = self._words.embedded(ids)
        count = torch.arange(len(ids), device=self._device)
        place = partial(text_behind, axes=self._family.axes, count=len(ids), device=self._device)
        one = Reading(self._rotary, lambda layer, _: None, place, count, torch.full_like(count, -1), self._limit)
        self._pass(embedded, one)
        self.policy.arrive(Chunk(one.layers, one.queries, embedded, (0, 0, 0)))
        self._tokens = len(ids)
        return len(ids)

    def _asked(self, question: str) -> tuple[Tensor, list[Tokens]]:
        """What the model would write first (V,), and all that its words attend to in every layer."""
        words = torch.cat([self._family.closing(), self._words.embedded(self._words.behind(question))])
        if type(self.policy).ask is not CachePolicy.ask:
            first = self._reading(len(words), lambda layer, _: self.policy.attended(layer))
            self._pass(words, first)
            self.policy.ask(first.queries)
        one = self._reading(len(words), self.policy.recall)
        logits = self._logits(self._pass(words, one))
        return logits, _joined(one)

    def _after(self, embedded: Tensor, held: list[Tokens]) -> Tensor:
        """What comes after more words (V,), which are added to what is held."""
        one = self._reading(len(embedded), lambda layer, _: held[layer])
        logits = self._logits(self._pass(embedded, one))
        held[:] = _joined(one)
        return logits

    def _reading(self, count: int, context: Any) -> Reading:
        place = partial(text_behind, axes=self._family.axes, count=count, device=self._device)
        none = torch.full((count,), -1, device=self._device)
        return Reading(self._rotary, context, place, none, none, self._limit)

    def _pass(self, embedded: Tensor, one: Reading) -> Tensor:
        """Hidden states (N, F) behind the last layer."""
        zeros = torch.zeros(1, len(embedded), dtype=torch.long, device=self._device)
        with reading(self._text):
            out = self._text(inputs_embeds=embedded[None], position_ids=zeros, use_cache=False, reading=one)
        hidden: Tensor = out.last_hidden_state[0]
        return hidden

    def _logits(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self.network.get_output_embeddings()(hidden[-1])
        return logits


def _joined(one: Reading) -> list[Tokens]:
    """What was attended to and the new tokens themselves, of every layer."""
    pairs = zip(one.contexts, one.layers, strict=True)
    return [own if context is None else Tokens.join([context, own]) for context, own in pairs]
