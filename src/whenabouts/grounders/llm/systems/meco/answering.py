"""How MeCo writes an answer, and where its structural tokens stand in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from whenabouts.grounders.llm.systems.meco.network import MeCoNetwork

__all__ = ["CONVERSATIONS", "Written", "prompt", "write"]

CONVERSATIONS = {  # what stands before the frames, between them and the question, and behind it; then the end of a turn
    "phi3": ("<|system|>\nYou are a helpful AI assistant.<|end|>\n<|user|>\n", "<|end|>\n<|assistant|>\n", "<|end|>"),
    "qwen2": (
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n",
        "<|im_end|>\n<|im_start|>assistant\n",
        "<|im_end|>",
    ),
}


class Written(NamedTuple):
    """An answer in tokens, without the one that ended it, and the cosines (K, T) of its K structural tokens."""

    tokens: list[int]
    cosines: Tensor
    structural: list[int]


def prompt(family: str, question: str) -> tuple[str, str]:
    r"""What is said before and after the frames.

    >>> prompt("phi3", "When?")[1]
    '\nWhen?<|end|>\n<|assistant|>\n'
    """
    before, after, _ = CONVERSATIONS[family]
    return before, f"\n{question}{after}"


@torch.inference_mode()
def write(
    network: MeCoNetwork,
    before: Tensor,
    frames: Tensor,
    after: Tensor,
    *,
    structural: Sequence[int],
    ends: Sequence[Sequence[int]],
    limit: int,
    temperature: float,
    generator: torch.Generator | None = None,
) -> Written:
    """An answer to a prompt of embeddings (L, D), in the middle of which stand frames (T, D).

    structural: token ids that are matched with frames        ends: sequences of token ids, each of which ends it

    A structural token is matched by the state that predicts it. The official code takes, for one that comes first of
    all, the state of the prompt's first token instead of its last, on which nothing was trained.
    """
    place = slice(len(before), len(before) + len(frames))
    step = network.read(torch.cat([before, frames, after]), frames=place)
    placed, tokens = step.last[place], list[int]()
    states, found = [], list[int]()
    while len(tokens) < limit:
        token = _next(step.logits[-1].float(), temperature, generator)
        tokens.append(token)
        if end := next((end for end in ends if tokens[-len(end) :] == list(end)), None):
            tokens = tokens[: -len(end)]
            break
        if token in structural:
            states.append(step.before[-1])
            found.append(token)
        step = network.read(network.words(torch.tensor([token], device=before.device)), step.kept)
    if not states:
        return Written(tokens, torch.zeros(0, len(frames)), found)
    return Written(tokens, network(placed[None], torch.stack(states)[None])[0], found)


def _next(logits: Tensor, temperature: float, generator: torch.Generator | None) -> int:
    if temperature == 0:
        return int(logits.argmax())
    return int(torch.multinomial((logits / temperature).softmax(-1).cpu(), 1, generator=generator))
