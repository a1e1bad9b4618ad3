"""Blocks of tokens of one layer that left for another memory, and the vectors by which they are found."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from whenabouts.grounders.stream.cache.block_index import BlockIndex
from whenabouts.grounders.stream.cache.policy import Tokens
from whenabouts.grounders.stream.cache.query_pooling import pooled_query
from whenabouts.grounders.stream.cache.token_queue import TokenQueue

__all__ = ["Blocks"]


class Blocks:
    """Blocks of `size` tokens of one layer, numbered from 0 in the stream.

    They lie in one piece of memory: with one piece a block, a long stream needs more of them than Linux lets a process
    have (vm.max_map_count).

    index:  makes a vector of each block; None: blocks of this layer are not searched
    device: where they are held
    """

    def __init__(self, size: int, index: BlockIndex | None, device: str) -> None:
        self.size, self.index = size, index
        self._tokens = TokenQueue(device)
        self._slots: dict[int, int] = {}  # where each block lies, by its number
        self._vectors: dict[int, Tensor] = {}
        self._free: list[int] = []
        self._count = 0

    @property
    def numbers(self) -> list[int]:
        """The blocks that are held, oldest first."""
        return [*self._slots]

    def append(self, block: Tokens) -> None:
        """Take in the next block of the stream."""
        if self._free:
            slot = self._free.pop()
            self._tokens.replace(slot * self.size, block)
        else:
            slot = len(self._slots)
            self._tokens.append(block)
        self._slots[self._count] = slot
        if self.index is not None:
            self._vectors[self._count] = self.index.of_block(block.keys)
        self._count += 1

    def drop(self, number: int) -> None:
        """Forget a block that is held."""
        self._free.append(self._slots.pop(number))
        self._vectors.pop(number, None)

    def most_redundant(self) -> int:
        """The number of the block most like the one that is held after it. Only a layer with an index knows it."""
        vectors = torch.stack([*self._vectors.values()])
        if len(vectors) == 1:
            return self.numbers[0]
        return self.numbers[int(cosine_similarity(vectors[:-1], vectors[1:], dim=-1).argmax())]

    def scores(self, query: Tensor) -> Tensor:
        """The cosine of a question's queries (Hq, M, D), pooled, with each block held, oldest first: (n,).

        Only a layer with an index has them.
        """
        held = self._tokens.tokens
        if self.index is None or held is None:
            return torch.zeros(0)
        question = self.index.of_question(pooled_query(query, len(held.keys)))
        return cosine_similarity(torch.stack([*self._vectors.values()]), question, dim=-1)

    def bring_back(self, numbers: Sequence[int], device: torch.device) -> Tokens | None:
        """The tokens of those of these blocks that are still held, on `device`, in the order given."""
        held = self._tokens.tokens
        slots = torch.tensor([self._slots[number] for number in numbers if number in self._slots], dtype=torch.int64)
        if held is None or not len(slots):
            return None
        places = (slots[:, None] * self.size + torch.arange(self.size)).flatten()
        return held.take(places.to(held.keys.device)).to(device)

    @property
    def nbytes(self) -> int:
        """Bytes of tokens, vectors and the weights of the index."""
        weights = 0 if self.index is None else self.index.nbytes
        return self._tokens.nbytes + sum(vector.nbytes for vector in self._vectors.values()) + weights
