"""Blocks of tokens of one layer that left for another memory, and the vectors by which they are found."""

from __future__ import annotations

from collections import deque
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
    """The newest blocks of one layer, at most `most` of `size` tokens each; blocks are numbered from 0 in the stream.

    They lie in one piece of memory: with one piece a block, a long stream needs more of them than Linux lets a process
    have (vm.max_map_count).

    index:  makes a vector of each block; None: blocks of this layer are not searched
    device: where they are held
    """

    def __init__(self, size: int, most: int, index: BlockIndex | None, device: str) -> None:
        self.size, self.most, self.index = size, most, index
        self.first = 0  # number of the oldest block held
        self._tokens = TokenQueue(device)
        self._vectors: deque[Tensor] = deque(maxlen=most)

    def __len__(self) -> int:
        return len(self._tokens) // self.size

    def append(self, block: Tokens) -> None:
        """Take in a block, and drop the oldest where there are too many."""
        if len(self) == self.most:
            self._tokens.popleft(self.size)
            self.first += 1
        self._tokens.append(block)
        if self.index is not None:
            self._vectors.append(self.index.of_block(block.keys))

    def scores(self, query: Tensor) -> Tensor:
        """The cosine of a question's queries (Hq, M, D), pooled, with each block held, oldest first: (n,).

        Only a layer with an index has them.
        """
        held = self._tokens.tokens
        if self.index is None or held is None:
            return torch.zeros(0)
        question = self.index.of_question(pooled_query(query, len(held.keys)))
        return cosine_similarity(torch.stack([*self._vectors]), question, dim=-1)

    def bring_back(self, numbers: Sequence[int], device: torch.device) -> Tokens | None:
        """The tokens of the blocks with these numbers that are still held, on `device`, in the order given."""
        held = self._tokens.tokens
        rows = torch.tensor([number - self.first for number in numbers if number >= self.first], dtype=torch.int64)
        if held is None or not len(rows):
            return None
        places = (rows[:, None] * self.size + torch.arange(self.size)).flatten()
        return held.take(places.to(held.keys.device)).to(device)

    @property
    def nbytes(self) -> int:
        """Bytes of tokens, vectors and the weights of the index."""
        weights = 0 if self.index is None else self.index.nbytes
        return self._tokens.nbytes + sum(vector.nbytes for vector in self._vectors) + weights
