"""TRACE's decoding: each `<sync>` hands on to the next head, from times to scores, to words, and to times again."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import torch
from torch import Tensor

from whenabouts.grounders.llm.systems.trace.network import TraceNetwork

__all__ = ["generate", "read"]

TIMES = 1  # place in `ranges` of the kind that an answer begins with


@torch.inference_mode()
def read(network: TraceNetwork, embeddings: Tensor) -> Any:
    """What the language model keeps of the beginning of a prompt (L, D), for all that may follow it."""
    from transformers import DynamicCache

    cache = DynamicCache()
    _continue(network, embeddings, cache)
    return cache


@torch.inference_mode()
def generate(network: TraceNetwork, prompt: Tensor, seen: Any, *, stop: int, limit: int = 512) -> list[int]:
    """The likeliest token ids after a prompt, one by one; the authors decode greedily.

    prompt: (L, D) embeddings, the last of them that of `<sync>`        seen: what `read` kept of what stands before it
    Ends at the word `stop` (not returned) or after `limit` tokens.
    """
    ranges, kind = network.ranges(), TIMES
    generated: list[int] = []
    cache, inputs = copy.deepcopy(seen), prompt
    while len(generated) < limit:
        allowed = ranges[kind]
        scores = network.logits(_continue(network, inputs, cache))[allowed].float()
        token = int(scores.argmax()) + allowed.start
        if token == stop:
            break
        generated.append(token)
        if token == (network.vocabulary if kind == 0 else allowed.start):
            kind = (kind + 1) % len(ranges)
        inputs = network.embed(torch.tensor([token], device=inputs.device))
    return generated


def _continue(network: TraceNetwork, embeddings: Tensor, cache: Any) -> Tensor:
    """The last hidden state (D,) after more embeddings (L, D); the cache grows by them."""
    taken = inspect.signature(network.model.forward).parameters
    named = "cache" if "cache" in taken else "past_key_values"  # its name before transformers 5.20
    hidden: Tensor = network.model(inputs_embeds=embeddings[None], use_cache=True, **{named: cache}).last_hidden_state
    return hidden[0, -1]
