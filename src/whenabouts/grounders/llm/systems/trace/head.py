"""TRACE (arXiv:2410.05643): an answer is a chain of events, each of times, scores and words from heads of their own.

Beside the language model's V tokens there are 1 + 13 + 13 more (V = 32000 in the published checkpoints):

    V        <sync> ends the words of an event; times follow
    V + 1..  times:  <sync> (scores follow), <sep>, 0-9, "."
    V + 14.. scores: <sync> (words follow),  <sep>, 0-9, "."

A time is six characters of seconds, `0012.3`; a score three, `4.5`; `<sep>` stands between two of a kind. The prompt
ends with `<sync>`, so the first token is one of a time. Names in the state dict are the official ones (gyxxyg/TRACE):
`time_tower.embed_tokens`, `score_tower.embed_tokens`, `sync_tower.embed_tokens` (there under `model.`), `time_head`,
`score_head`, `sync_head`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, embedding

__all__ = ["Event", "TraceHeads", "encode_event", "first_span", "generate", "parse", "trace_loss"]

VOCABULARY = 32000
SYMBOLS = ("<sync>", "<sep>", *"0123456789", ".")
SIZE = len(SYMBOLS)
MAX_SECONDS = 9999.9  # seconds that six characters can write


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an answer: times in seconds, scores as the model gives them, and what happens."""

    times: tuple[float, ...]
    scores: tuple[float, ...]
    text: str


class _Tower(nn.Module):
    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(size, width)


class TraceHeads(nn.Module):
    """Embeddings and output heads of the 27 extra tokens, for a language model of hidden size `width`."""

    def __init__(self, width: int, vocabulary: int = VOCABULARY) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.time_tower = _Tower(SIZE, width)
        self.score_tower = _Tower(SIZE, width)
        self.sync_tower = _Tower(1, width)
        self.time_head = nn.Linear(width, SIZE, bias=False)
        self.score_head = nn.Linear(width, SIZE, bias=False)
        self.sync_head = nn.Linear(width, 1, bias=False)

    def embed(self, ids: Tensor, words: Tensor) -> Tensor:
        """Token ids of any of the three kinds (...) -> embeddings (..., D); `words`: the model's own table (≥ V, D)."""
        towers = (self.sync_tower, self.time_tower, self.score_tower)
        extra = [tower.embed_tokens.weight for tower in towers]
        return embedding(ids, torch.cat([words[: self.vocabulary], *(table.to(words) for table in extra)]))

    def logits(self, hidden: Tensor, lm_head: nn.Module) -> Tensor:
        """Last hidden states (..., D) -> scores of every token (..., V + 27)."""
        words = lm_head(hidden)[..., : self.vocabulary]
        return torch.cat([words, self.sync_head(hidden), self.time_head(hidden), self.score_head(hidden)], dim=-1)

    def ranges(self) -> tuple[slice, slice, slice]:
        """Token ids that may be generated as words, times and scores."""
        first = self.vocabulary + 1
        return slice(0, first), slice(first, first + SIZE), slice(first + SIZE, first + 2 * SIZE)


def trace_loss(logits: Tensor, ids: Tensor, heads: TraceHeads) -> Tensor:
    """Next-token cross-entropy of each kind over its own range, summed; ids (B, L), −100 where there is no loss."""
    logits, ids = logits[:, :-1], ids[:, 1:]
    total = logits.new_zeros(())
    for kind in heads.ranges():
        here = (ids >= kind.start) & (ids < kind.stop)
        if here.any():
            total = total + cross_entropy(logits[here][:, kind].float(), ids[here] - kind.start)
    return total


def encode_event(times: Sequence[float], scores: Sequence[float] = (), *, vocabulary: int = VOCABULARY) -> list[int]:
    """Times (seconds, 0 to 9999.9) and scores (0 to 9.9) as token ids, each list closed by its `<sync>`.

    >>> encode_event([12.3], vocabulary=0)  # 0 0 1 2 . 3 <sync>, and no score
    [3, 3, 4, 5, 13, 6, 1, 14]
    """
    return [
        *_spelled(times, "06.1f", MAX_SECONDS, vocabulary + 1),
        *_spelled(scores, "03.1f", 9.9, vocabulary + 1 + SIZE),
    ]


def _spelled(values: Sequence[float], form: str, largest: float, first: int) -> list[int]:
    symbols: list[str] = []
    for value in values:
        if not 0 <= round(value, 1) <= largest:
            raise ValueError(f"TRACE can write values from 0 to {largest}, not {value}")
        symbols += ["<sep>"] * bool(symbols) + list(format(abs(value), form))
    return [first + SYMBOLS.index(symbol) for symbol in [*symbols, "<sync>"]]


@torch.no_grad()
def generate(
    model: Any,
    heads: TraceHeads,
    prompt: Tensor,
    *,
    stop: int,
    limit: int = 512,
    temperature: float = 0.0,
    generator: torch.Generator | None = None,
) -> list[int]:
    """Token ids generated after a prompt, by any causal language model of transformers.

    prompt: (1, L, D) embeddings, frames included, the last of them that of `<sync>`. Each `<sync>` hands on to the
    next head: words, times, scores, words. Ends at the word `stop` (not returned) or after `limit` tokens.
    temperature 0 is greedy; the authors sample at 0.2.
    """
    decoder, words, lm_head = model.get_decoder(), model.get_input_embeddings().weight, model.get_output_embeddings()
    kinds = heads.ranges()
    mode, generated, cache, inputs = 1, list[int](), None, prompt
    while len(generated) < limit:
        out = decoder(inputs_embeds=inputs, past_key_values=cache, use_cache=True)
        cache, kind = out.past_key_values, kinds[mode]
        scores = heads.logits(out.last_hidden_state[0, -1], lm_head)[kind].float()
        if temperature > 0:
            chosen = torch.multinomial((scores / temperature).softmax(-1), 1, generator=generator)
        else:
            chosen = scores.argmax(-1, keepdim=True)
        token = int(chosen) + kind.start
        if token == stop:
            break
        generated.append(token)
        if token == (kind.stop - 1 if mode == 0 else kind.start):
            mode = (mode + 1) % len(kinds)
        inputs = heads.embed(chosen[None] + kind.start, words)
    return generated


def parse(ids: Sequence[int], decode: Callable[[list[int]], str], *, vocabulary: int = VOCABULARY) -> list[Event]:
    """Token ids as generated after the prompt's `<sync>` -> events; `decode` turns word ids into text.

    Digits that spell no number are left out. An event that was cut short keeps what was generated of it.
    """
    events: list[Event] = []
    for chunk in _split(ids, vocabulary):
        times = _numbers(chunk, vocabulary + 1)
        scores = _numbers(chunk, vocabulary + 1 + SIZE)
        text = decode([token for token in chunk if token < vocabulary]).strip()
        events.append(Event(times, scores, text))
    return events


def _split(ids: Sequence[int], separator: int) -> list[list[int]]:
    chunks: list[list[int]] = [[]]
    for token in ids:
        if token == separator:
            chunks.append([])
        else:
            chunks[-1].append(token)
    return [chunk for chunk in chunks if chunk]


def _numbers(ids: Sequence[int], first: int) -> tuple[float, ...]:
    symbols = [SYMBOLS[token - first] for token in ids if first < token < first + SIZE]
    numbers: list[float] = []
    for spelled in "".join(symbols).split("<sep>"):
        try:
            numbers.append(float(spelled))
        except ValueError:
            continue
    return tuple(numbers)


def first_span(events: Sequence[Event]) -> tuple[float, float] | None:
    """Start and end (seconds) of the first event that has exactly two times, as the authors' evaluation reads it."""
    for event in events:
        if len(event.times) == 2:
            return event.times[0], event.times[1]
    return None
