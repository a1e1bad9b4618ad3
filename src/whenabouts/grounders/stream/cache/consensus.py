"""Consensus retrieval (CacheFlow, arXiv:2511.13644): blocks that two layers agree on come first."""

from __future__ import annotations

from torch import Tensor

__all__ = ["consensus"]


def consensus(first: Tensor, last: Tensor, count: int, depth: int) -> list[int]:
    """The `count` blocks to bring back, in the order in which they are taken.

    Each layer names its `depth` best. Taken are, first, those that both name, then those of the last layer alone, then
    those of the first layer alone; within each, by falling score of the layer, the last where both name them. With
    depth <= count this is what the last layer alone would choose.

    first, last: (n,) scores of the blocks at the first and the last layer; of equal scores the earlier block goes first
    """
    best_first, best_last = (scores.argsort(descending=True, stable=True)[:depth].tolist() for scores in (first, last))
    agreed = set(best_first) & set(best_last)
    return [
        *(block for block in best_last if block in agreed),
        *(block for block in best_last if block not in agreed),
        *(block for block in best_first if block not in agreed),
    ][:count]
