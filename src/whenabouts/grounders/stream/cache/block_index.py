"""What is known of a block of tokens after its keys are gone: one vector, to which a question is compared."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

__all__ = ["BlockIndex", "FrozenGRU", "MeanKey"]


class BlockIndex(Protocol):
    """Makes vectors of blocks and of questions that can be compared by their cosine."""

    def of_block(self, keys: Tensor) -> Tensor:
        """A vector of the keys (H, B, D), before rotation, of a block."""

    def of_question(self, query: Tensor) -> Tensor:
        """A vector of a pooled query (H, D)."""

    @property
    def nbytes(self) -> int:
        """Bytes of its weights."""


class MeanKey:
    """The mean of a block's keys, and the query itself."""

    nbytes = 0

    def of_block(self, keys: Tensor) -> Tensor:
        """The mean over the tokens of keys (H, B, D): (H · D,)."""
        return keys.float().mean(dim=1).flatten()

    def of_question(self, query: Tensor) -> Tensor:
        """The pooled query (H, D) as it is: (H · D,)."""
        return query.float().flatten()


class FrozenGRU:
    """The last state of a gated recurrent unit over a block's keys, of one layer, never trained (arXiv:2511.13644).

    How a question gets into the space of these states is not known to us; here it is the state after one step.

    width:  H · D, the numbers of a key in all heads
    hidden: numbers of a state
    seed:   of the weights, which are drawn as torch draws those of a new unit
    """

    def __init__(self, width: int, *, hidden: int = 128, seed: int = 0, device: torch.device | None = None) -> None:
        self._unit = nn.GRU(width, hidden, device="meta").to_empty(device="cpu")  # draws no global random numbers
        draw = torch.Generator().manual_seed(seed)
        for weight in self._unit.parameters():
            nn.init.uniform_(weight, -(hidden**-0.5), hidden**-0.5, generator=draw)
        self._unit.requires_grad_(False).to(device)

    def of_block(self, keys: Tensor) -> Tensor:
        """The last state over keys (H, B, D): (hidden,)."""
        state: Tensor = self._unit(keys.float().transpose(0, 1).flatten(1))[1]
        return state[0]

    def of_question(self, query: Tensor) -> Tensor:
        """The state after one step with the pooled query (H, D): (hidden,)."""
        return self.of_block(query[:, None])

    @property
    def nbytes(self) -> int:
        """Bytes of its weights."""
        return sum(weight.nbytes for weight in self._unit.parameters())
