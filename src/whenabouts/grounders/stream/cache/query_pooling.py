"""What a question looks for, as one vector per key-value head."""

from __future__ import annotations

from torch import Tensor

__all__ = ["pooled_query"]


def pooled_query(query: Tensor, heads: int) -> Tensor:
    """The mean of a question's queries (Hq, M, D) over its tokens and over the query heads of each of H heads: (H, D).

    Query head i reads key-value head i // (Hq / H), as in all models with grouped queries. A dot product with a mean is
    the mean of the dot products, so this is what the heads of a group score on average.
    """
    _, count, width = query.shape
    return query.float().reshape(heads, -1, count, width).mean(dim=(1, 2))
