"""Answers to prompts in numbered tokens (`sight`): each prompt is read once for all of its answers.

In the place of transformers' `generate`, which reads every row as if it were the only one and runs LoRA's small
matrices beside the large ones at every token. The answers of a prompt share what was read of it, prompts of unlike
length go on together, and adapters are merged while answers are drawn.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from whenabouts.grounders.llm.engines.decoding import cache_name

__all__ = ["drawn", "merged"]

SHARE = 4  # one part in so many of a device's memory may hold what was read of prompts
CPU_BYTES = 4 << 30


@dataclass
class Read:
    """What is kept of a prompt that was read: keys and values, scores of the next token, and its position.

    rows: the answers that go on from it
    """

    cache: Any
    scores: Any  # (1, vocabulary)
    tokens: int
    following: int
    rows: list[int]

    @property
    def bytes(self) -> int:
        """Of keys and values, once for each answer."""
        return len(self.rows) * sum(int(one.keys.nbytes + one.values.nbytes) for one in self.cache.layers)

    @property
    def joins(self) -> bool:
        """Whether keys and values are all there is, so that prompts of unlike length can go on together."""
        from transformers.cache_utils import DynamicLayer

        return all(type(layer) is DynamicLayer for layer in self.cache.layers)


def drawn(
    network: Any,
    following: Callable[[Sequence[int]], int],
    unsaid: Sequence[int],
    input_ids: Any,
    attention_mask: Any,
    generation_config: Any = None,
    **_: Any,
) -> Any:
    """Prompts (rows, tokens), padded on the left, each followed by an answer, padded on the right.

    following: the position of the token after a prompt
    unsaid:    tokens that are no words: marks of what is shown

    Of the settings count max_new_tokens, do_sample, temperature, top_p, and the tokens that end and fill.
    """
    import torch

    settings = generation_config or network.generation_config
    same: dict[tuple[int, ...], list[int]] = {}
    for i, (ids, seen) in enumerate(zip(input_ids, attention_mask, strict=True)):
        same.setdefault(tuple(ids[seen.bool()].tolist()), []).append(i)
    answers: dict[int, Any] = {}
    with torch.no_grad(), merged(network):
        for part in _parts(_read(network, prompt, following(prompt), rows) for prompt, rows in same.items()):
            said = _written(network, part, settings, unsaid)
            answers.update(zip((row for read in part for row in read.rows), said, strict=True))
    table = [answers[i] for i in range(len(input_ids))]
    written = torch.nn.utils.rnn.pad_sequence(table, batch_first=True, padding_value=settings.pad_token_id)
    return torch.cat([input_ids, written], dim=1)


def _read(network: Any, prompt: Sequence[int], following: int, rows: list[int]) -> Read:
    import torch

    ids = torch.tensor([prompt], device=network.device)
    out = network(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=True, logits_to_keep=1)
    return Read(getattr(out, cache_name()), out.logits[:, -1].float(), len(prompt), following, rows)


def _parts(reads: Iterator[Read]) -> Iterator[list[Read]]:
    """Prompts that go on together: as many as memory holds."""
    part: list[Read] = []
    for read in reads:
        if part and not (read.joins and sum(one.bytes for one in (*part, read)) <= _most(read.scores.device)):
            yield part
            part = []
        part.append(read)
    yield part


def _most(device: Any) -> int:
    import torch

    return torch.cuda.get_device_properties(device).total_memory // SHARE if device.type == "cuda" else CPU_BYTES


def _written(network: Any, part: Sequence[Read], settings: Any, unsaid: Sequence[int]) -> Any:
    """The answers of all prompts in their order, (answers, tokens)."""
    import torch

    counts = torch.tensor([len(read.rows) for read in part], device=network.device)

    def each(values: Any) -> Any:
        return values.repeat_interleave(counts, dim=0)

    cache, mask = _joined(part, each)
    scores = each(torch.cat([read.scores for read in part]))
    place = each(torch.tensor([read.following for read in part], device=network.device))
    ends = torch.tensor(settings.eos_token_id, device=network.device).flatten()
    ended = torch.zeros_like(place, dtype=torch.bool)
    said: list[Any] = []
    while len(said) < settings.max_new_tokens and not ended.all():
        if said:
            mask = torch.cat([mask, torch.ones_like(mask[:, :1])], dim=1)
            scores = network(
                input_ids=said[-1][:, None],
                attention_mask=mask,
                position_ids=(place + len(said) - 1).expand(3, -1)[..., None],
                use_cache=True,
                **{cache_name(): cache},
            ).logits[:, -1]
        chosen = _chosen(scores.float(), settings, unsaid)
        said.append(torch.where(ended, settings.pad_token_id, chosen))
        ended = ended | torch.isin(chosen, ends)
    return torch.stack(said, dim=1)


def _joined(part: Sequence[Read], each: Any) -> tuple[Any, Any]:
    """What was read of all prompts, padded on the left and repeated for every answer, and the mask of it."""
    import torch
    from torch.nn.functional import pad

    longest = max(read.tokens for read in part)
    cache = part[0].cache
    if len(part) == 1:
        cache.reorder_cache(torch.zeros(len(part[0].rows), dtype=torch.long, device=part[0].scores.device))
    else:
        for layers in zip(*(read.cache.layers for read in part), strict=True):
            for name in ("keys", "values"):
                kept = [getattr(layer, name) for layer in layers]
                padded = torch.cat([pad(one, (0, 0, longest - one.shape[-2], 0)) for one in kept])
                setattr(layers[0], name, each(padded))
    rows = [[0] * (longest - read.tokens) + [1] * read.tokens for read in part]
    return cache, each(torch.tensor(rows, device=part[0].scores.device))


def _chosen(scores: Any, settings: Any, unsaid: Sequence[int]) -> Any:
    """The next token of each row."""
    import torch

    scores[:, list(unsaid)] = -torch.inf
    if not settings.do_sample:
        return scores.argmax(dim=-1)
    chances = (scores / settings.temperature).softmax(dim=-1)
    if settings.top_p is not None and settings.top_p < 1:
        ordered, places = chances.sort(dim=-1, descending=True)
        ordered[ordered.cumsum(dim=-1) - ordered >= settings.top_p] = 0.0
        chances = torch.zeros_like(chances).scatter(1, places, ordered)
    return torch.multinomial(chances, 1)[:, 0]


@contextmanager
def merged(network: Any) -> Iterator[None]:
    """Within the block LoRA adapters are part of the weights; afterwards these are, to the bit, what they were.

    Quantised and divided weights are left as they are, and those of 16 bits, in which most of an adapter would round to
    nothing: answers would then be another policy's than that whose loss is computed.
    """
    kept = []
    for layer in network.modules() if "peft" in sys.modules else ():
        if not _merges(layer):
            continue
        weight = layer.get_base_layer().weight
        kept.append((layer, weight, weight.data))
        weight.data = weight.data.clone()
        layer.merge()
    try:
        yield
    finally:
        for layer, weight, data in kept:
            weight.data = data
            layer.merged_adapters.clear()


def _merges(layer: Any) -> bool:
    import torch
    from peft.tuners.lora import Linear

    linear: Any = Linear
    if type(layer) is not linear or layer.merged or layer.disable_adapters:
        return False
    weight = layer.get_base_layer().weight
    return bool(weight.dtype == torch.float32 and weight.dim() == 2)
