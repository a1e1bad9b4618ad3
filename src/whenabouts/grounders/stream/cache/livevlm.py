"""LiveVLM (arXiv:2505.15269 v2): a long-term cache compressed by vision sink bucketing, of which pages are retrieved.

The newest tokens are the short-term cache and stay as they are; a clip of older ones at a time goes over into the
long-term cache, first in, first out. Where that holds more than its budget, the newest vision tokens say by their
attention which stay (`vision_sinks`). A question sees the pages of the long-term cache that fit it best (`pages`) and
all of the short-term cache, every token at the position that it had in the stream.

Version 1 of the paper is another method, which drops the oldest and retrieves chunks; it is not here.

No code was published where we could read it. Ours are, because the paper as known to us leaves them open:

- the number r of tokens that look (those of the newest frame) and R (half of the budget);
- the sizes of the short-term cache and of a clip: looking costs little only where many tokens go over at once;
- that a new frame sees both caches;
- that scores are averaged over heads, so that all heads of a layer keep the same tokens;
- that the newest tokens of the stream look, rather than the newest of the long-term cache;
- that they look without rotation: distances in an endless stream outgrow what a model was trained for;
- that 40 % are meant of the budget.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from math import ceil
from typing import Any, ClassVar

import torch
from torch import Tensor

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache.layer_cache import LayerCache
from whenabouts.grounders.stream.cache.pages import best_pages, page_keys, page_scores
from whenabouts.grounders.stream.cache.policy import CachePolicy, Chunk, Tokens
from whenabouts.grounders.stream.cache.settings import LEAST
from whenabouts.grounders.stream.cache.vision_sinks import sink_scores, sinks_in_buckets

__all__ = ["LiveVLM"]


@dataclass
class LiveVLM(CachePolicy):
    """Vision sink bucketing and position-agnostic retrieval.

    budget:     M, tokens that the long-term cache holds in each layer
    short_term: tokens of the short-term cache, which may hold up to a clip more; 8 frames of 196 (ours)
    clip:       tokens that go over into the long-term cache at once, or more; 8 frames of 196 (ours)
    capacity:   B, tokens that a bucket has room for
    top:        R, tokens that stay whatever bucket they are in; None: M / 2 (ours)
    lookers:    r, newest tokens of the newest chunk whose attention decides; None: those of its last frame (ours)
    page:       C, tokens of a page
    ratio:      the part of the budget that a question sees; as long as no more is held, it sees everything

    Raises ModelError.
    """

    name: ClassVar[str] = "livevlm"
    paper: ClassVar[str | None] = "2505.15269"

    budget: int = 12_000
    short_term: int = 1_568
    clip: int = 1_568
    capacity: int = 1
    top: int | None = field(default=None, metadata={LEAST: 0})
    lookers: int | None = None
    page: int = 16
    ratio: float = 0.4
    _layers: list[LayerCache] = field(default_factory=list, init=False, repr=False)
    _long_term: int = field(default=0, init=False, repr=False)  # tokens of the long-term cache in each layer

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.budget % self.capacity:
            raise ModelError(
                f"the cache policy livevlm needs a budget that is a multiple of its capacity {self.capacity},"
                f" got {self.budget}"
            )
        if self.top is not None and self.top > self.budget:
            raise ModelError(f"the cache policy livevlm needs a top from 0 to its budget {self.budget}, got {self.top}")
        if not 0 < self.ratio <= 1:
            raise ModelError(f"the cache policy livevlm needs a ratio above 0 and at most 1, got {self.ratio}")

    def arrive(self, chunk: Chunk) -> None:
        """Join a chunk to the short-term cache, and compress what the long-term cache holds too much."""
        self._layers = self._layers or [LayerCache() for _ in chunk.layers]
        for cache, tokens in zip(self._layers, chunk.layers, strict=True):
            cache.append(tokens)
        over = len(self._layers[0].stream) - self.short_term - self._long_term
        if over < self.clip:
            return
        self._long_term += over
        if self._long_term > self.budget:
            frames = chunk.layers[0].frames
            lookers = int((frames == frames[-1]).sum()) if self.lookers is None else self.lookers
            for cache, queries in zip(self._layers, chunk.queries, strict=True):
                self._compress(cache, queries[:, -lookers:])
            self._long_term = self.budget

    def attended(self, layer: int) -> Tokens | None:
        """Both caches."""
        if not self._layers:
            return None
        cache = self._layers[layer]
        return cache.joined(cache.stream.tokens)

    def recall(self, layer: int, query: Tensor) -> Tokens | None:
        """The best pages of the long-term cache, and the short-term cache."""
        if not self._layers:
            return None
        cache = self._layers[layer]
        held, pages = cache.stream.tokens, ceil(self.ratio * self.budget / self.page)
        if held is None or pages * self.page >= self._long_term:
            return cache.joined(held)
        scores = page_scores(query, page_keys(held.keys[:, : self._long_term], self.page))
        places = best_pages(scores, pages, self.page, self._long_term)
        return cache.joined(held.take(places), held.take(slice(self._long_term, None)))

    @property
    def nbytes(self) -> int:
        """Bytes of both caches."""
        return sum(cache.nbytes for cache in self._layers)

    def settings(self) -> dict[str, Any]:
        """All settings."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.init}

    def _compress(self, cache: LayerCache, queries: Tensor) -> None:
        held = cache.stream.tokens
        assert held is not None
        scores = sink_scores(queries, held.keys[:, : self._long_term])
        top = self.budget // 2 if self.top is None else self.top
        kept = sinks_in_buckets(scores, self.budget, capacity=self.capacity, top=top)
        cache.stream.keep(torch.cat([kept, torch.arange(self._long_term, len(held), device=kept.device)]))
