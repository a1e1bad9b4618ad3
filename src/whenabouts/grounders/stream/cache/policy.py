"""The one interface of cache policies.

A stream is encoded chunk by chunk (a chunk is one frame or a few). For each chunk:

1. `admit` says which of its vision tokens enter the language model at all;
2. in every layer the chunk attends to itself and to what `attended` gives, and stands behind it;
3. `arrive` receives the keys and values that came out, of all layers, and drops what the policy does not keep.

For a question:

4. `ask` receives what the question's tokens look for in every layer, from a pass in which they saw no more than
   `attended`; a policy may choose by it what it brings back;
5. in every layer the question attends to itself and to what `recall` gives.

The prompt before the stream comes first of all, as a chunk of its own with the grid (0, 0, 0) that is not admitted.

Keys are held **before rotation**, so that a policy may compare them wherever they stood and place them anew: whoever
attends rotates them to the positions in `Tokens.positions`. Tokens arrive with their positions in the stream, which
grow for ever; a policy may give them back as they are, or placed anew (`placing.closed`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from whenabouts.grounders.stream.cache.settings import check

__all__ = ["CachePolicy", "Chunk", "Tokens"]


@dataclass(frozen=True, eq=False)
class Tokens:
    """N tokens of one layer, in the order of the stream.

    keys, values: (H, N, D) of H key-value heads, keys before rotation
    positions:    (A, N) int64: where they are rotated to; A is 1, or 3 for models with positions in time, height, width
    numbers:      (N,) int64: which token of the stream each is, counted from 0 over all that entered the model
    frames:       (N,) int64: which frame each belongs to; -1 for the tokens of the prompt before the stream

    Where every head keeps tokens of its own, they are (A, H, N), (H, N) and (H, N).
    """

    keys: Tensor
    values: Tensor
    positions: Tensor
    numbers: Tensor
    frames: Tensor

    def __len__(self) -> int:
        return self.keys.shape[1]

    def take(self, chosen: Tensor | slice) -> Tokens:
        """The tokens at these places (K,), where a mask (N,) is true, or of a slice, which copies nothing.

        (H, K) are places for every head.
        """
        if isinstance(chosen, Tensor) and chosen.dim() == 2:
            heads = torch.arange(len(chosen), device=chosen.device)[:, None]
            own = self.by_head()
            return Tokens(
                own.keys[heads, chosen],
                own.values[heads, chosen],
                own.positions[:, heads, chosen],
                own.numbers[heads, chosen],
                own.frames[heads, chosen],
            )
        return Tokens(
            self.keys[:, chosen],
            self.values[:, chosen],
            self.positions[..., chosen],
            self.numbers[..., chosen],
            self.frames[..., chosen],
        )

    def by_head(self) -> Tokens:
        """The same tokens with positions, numbers and frames for every head."""
        if self.positions.dim() == 3:
            return self
        heads = len(self.keys)
        return replace(
            self,
            positions=self.positions[:, None].expand(-1, heads, -1),
            numbers=self.numbers.expand(heads, -1),
            frames=self.frames.expand(heads, -1),
        )

    def placed(self, positions: Tensor) -> Tokens:
        """The same tokens at other positions (A, N)."""
        return replace(self, positions=positions)

    def to(self, device: torch.device) -> Tokens:
        """The same tokens on a device."""
        held = (self.keys, self.values, self.positions, self.numbers, self.frames)
        return Tokens(*(tensor.to(device) for tensor in held))

    @staticmethod
    def join(parts: Sequence[Tokens]) -> Tokens:
        """All tokens of several runs, one after the other."""
        if any(part.positions.dim() == 3 for part in parts):
            parts = [part.by_head() for part in parts]
        return Tokens(
            torch.cat([part.keys for part in parts], dim=1),
            torch.cat([part.values for part in parts], dim=1),
            torch.cat([part.positions for part in parts], dim=-1),
            torch.cat([part.numbers for part in parts], dim=-1),
            torch.cat([part.frames for part in parts], dim=-1),
        )

    @property
    def nbytes(self) -> int:
        """Bytes of keys, values and the numbers beside them, on whatever device."""
        held = (self.keys, self.values, self.positions, self.numbers, self.frames)
        return sum(tensor.nbytes for tensor in held)


@dataclass(frozen=True, eq=False)
class Chunk:
    """What came out of the model for one chunk of frames.

    layers:   its tokens in every layer
    queries:  (Hq, N, D) in every layer, before rotation, of Hq query heads; Hq is a multiple of H
    features: (N, F): the vision features of its tokens, before the language model
    grid:     (frames, height, width) of its tokens before any was left out
    """

    layers: Sequence[Tokens]
    queries: Sequence[Tensor]
    features: Tensor
    grid: tuple[int, int, int]


class CachePolicy(ABC):
    """What is kept of a stream, and what a question sees of it. One policy serves one stream, of one sequence."""

    name: ClassVar[str]
    paper: ClassVar[str | None] = None  # number on arXiv

    def __post_init__(self) -> None:
        """Check the settings of a policy that is a dataclass. Raises ModelError."""
        check(self)

    def admit(self, features: Tensor, grid: tuple[int, int, int]) -> Tensor:
        """Which tokens of a new chunk enter the language model: a mask (N,) of its vision features (N, F)."""
        return torch.ones(len(features), dtype=torch.bool, device=features.device)

    @abstractmethod
    def arrive(self, chunk: Chunk) -> None:
        """Take in a chunk, and drop what is kept no longer."""

    @abstractmethod
    def attended(self, layer: int) -> Tokens | None:
        """What the next chunk attends to in this layer besides itself; None: nothing."""

    def ask(self, queries: Sequence[Tensor]) -> None:  # noqa: B027
        """A question comes, whose tokens look for `queries`, (Hq, M, D) before rotation, one per layer."""

    def recall(self, layer: int, query: Tensor) -> Tokens | None:
        """What the question attends to in this layer besides itself; `query` (Hq, M, D) is its own, before rotation."""
        return self.attended(layer)

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Bytes that are kept by now, on all devices together."""

    def settings(self) -> dict[str, Any]:
        """Its constants, for receipts."""
        return {}
