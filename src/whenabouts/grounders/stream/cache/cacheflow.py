"""CacheFlow (arXiv:2511.13644): patches that changed, packed into blocks that leave for main memory and come back.

Of each frame only the patches that changed enter the model (`token_dropping`). What enters is packed into blocks over
the bounds of frames. A new frame sees a local window; the oldest block of it leaves for main memory with its keys and
values, and leaves behind a vector at the first and at the last layer (`block_index`). A question picks blocks by these
two (`consensus`), and sees them before the local window. They lie side by side there, in the order of the stream, so
that nothing is far away because of what is left out.

No code was published where we could read it. Ours are, because the paper as known to us leaves them open:

- a bound on the number of blocks, where the paper has none: beyond it the block goes that is most like the one after
  it, so that what is seen once outlives what is seen for long;
- the size of the local window;
- the size of the recurrent state, and how a question is compared with it;
- `depth`: two lists of as many blocks as are brought back can agree on none but the last layer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, get_args

import torch
from torch import Tensor

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache.block_index import BlockIndex, FrozenGRU, MeanKey
from whenabouts.grounders.stream.cache.blocks import Blocks
from whenabouts.grounders.stream.cache.consensus import consensus
from whenabouts.grounders.stream.cache.layer_cache import LayerCache
from whenabouts.grounders.stream.cache.placing import closed
from whenabouts.grounders.stream.cache.policy import CachePolicy, Chunk, Tokens
from whenabouts.grounders.stream.cache.settings import LEAST
from whenabouts.grounders.stream.cache.token_dropping import Since, TokenDropping

__all__ = ["CacheFlow"]

Index = Literal["gru", "mean"]


@dataclass
class CacheFlow(CachePolicy):
    """Dynamic token dropping, offloaded blocks and consensus retrieval.

    threshold: τ of token dropping; above 1 nothing is dropped
    since:     what a patch is compared with: "frame", or "kept" (ours), see `TokenDropping`
    block:     B, tokens of a block
    local:     tokens of the local window, which may hold up to a block more; 16 frames of 196 (ours)
    blocks:    blocks that are held at most, 200,000 tokens (ours)
    retrieved: K, blocks that a question sees
    depth:     blocks that each of the two layers names; None: 2 K (ours)
    index:     "gru", or "mean" for the mean of a block's keys
    hidden:    numbers of the recurrent state (ours)
    seed:      of the recurrent unit's weights
    store:     the device that blocks leave for

    Raises ModelError.
    """

    name: ClassVar[str] = "cacheflow"
    paper: ClassVar[str | None] = "2511.13644"

    threshold: float = 0.5
    since: Since = "frame"
    block: int = 196
    local: int = 3_136
    blocks: int = 1_024
    retrieved: int = 64
    depth: int | None = None
    index: Index = "gru"
    hidden: int = 128
    seed: int = field(default=0, metadata={LEAST: 0})
    store: str = "cpu"
    _windows: list[LayerCache] = field(default_factory=list, init=False, repr=False)
    _blocks: list[Blocks] = field(default_factory=list, init=False, repr=False)
    _chosen: list[int] = field(default_factory=list, init=False, repr=False)  # numbers of blocks

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.index not in get_args(Index):
            raise ModelError(
                f"the cache policy cacheflow has an index {' or '.join(get_args(Index))}, got {self.index!r}"
            )
        try:
            torch.empty(0, device=self.store)
        except (RuntimeError, AssertionError):
            raise ModelError(
                f"the cache policy cacheflow has no device {self.store!r} to store blocks on; use cpu"
            ) from None
        self._dropping = TokenDropping(self.threshold, self.since)

    def admit(self, features: Tensor, grid: tuple[int, int, int]) -> Tensor:
        """The patches that changed."""
        return self._dropping(features, grid)

    def arrive(self, chunk: Chunk) -> None:
        """Join a chunk to the local window, and let blocks leave that it has no room for."""
        if not self._windows:
            self._begin(chunk.layers)
        for window, tokens in zip(self._windows, chunk.layers, strict=True):
            window.append(tokens)
        while len(self._windows[0].stream) >= self.local + self.block:
            self._offload()

    def attended(self, layer: int) -> Tokens | None:
        """The local window."""
        if not self._windows:
            return None
        return self._seen(layer, None)

    def ask(self, queries: Sequence[Tensor]) -> None:
        """Pick blocks by what the question looks for at the first and at the last layer."""
        if not self._windows:
            return
        first, last = (self._blocks[layer].scores(queries[layer]) for layer in (0, -1))
        depth = 2 * self.retrieved if self.depth is None else self.depth
        numbers = self._blocks[0].numbers
        self._chosen = sorted(numbers[block] for block in consensus(first, last, self.retrieved, depth))

    def recall(self, layer: int, query: Tensor) -> Tokens | None:
        """The picked blocks and the local window, side by side."""
        if not self._windows:
            return None
        return self._seen(layer, self._blocks[layer].bring_back(self._chosen, query.device))

    @property
    def nbytes(self) -> int:
        """Bytes of the local window, of the blocks wherever they are, and of what they are found by."""
        windows = sum(window.nbytes for window in self._windows)
        return windows + sum(blocks.nbytes for blocks in self._blocks) + self._dropping.nbytes

    def settings(self) -> dict[str, Any]:
        """All settings."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.init}

    def _begin(self, layers: Sequence[Tokens]) -> None:
        searched = {0, len(layers) - 1}
        self._windows = [LayerCache() for _ in layers]
        self._blocks = [
            Blocks(self.block, self._new_index(tokens) if layer in searched else None, self.store)
            for layer, tokens in enumerate(layers)
        ]

    def _offload(self) -> None:
        full = len(self._blocks[-1].numbers) == self.blocks
        redundant = self._blocks[-1].most_redundant() if full else None
        for window, blocks in zip(self._windows, self._blocks, strict=True):
            if redundant is not None:
                blocks.drop(redundant)
            blocks.append(window.stream.popleft(self.block))

    def _seen(self, layer: int, back: Tokens | None) -> Tokens | None:
        window = self._windows[layer]
        seen = window.joined(back, window.stream.tokens)
        return None if seen is None else closed(seen)

    def _new_index(self, tokens: Tokens) -> BlockIndex:
        if self.index == "mean":
            return MeanKey()
        heads, _, width = tokens.keys.shape
        return FrozenGRU(heads * width, hidden=self.hidden, seed=self.seed, device=tokens.keys.device)
