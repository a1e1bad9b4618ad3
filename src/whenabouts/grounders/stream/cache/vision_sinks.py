"""Vision sink bucketing (LiveVLM, arXiv:2505.15269 v2): what stays, by the attention of newer tokens."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["sink_scores", "sinks_in_buckets"]


def sink_scores(queries: Tensor, keys: Tensor) -> Tensor:
    """How much the newest vision tokens look at each older one: softmax(Q Kᵀ / √D), its mean over queries and heads.

    queries: (Hq, r, D) of the last r vision tokens
    keys:    (H, L, D); the queries of a group of heads read the keys of theirs
    returns: (L,) float32 that sums to 1
    """
    heads, count, width = keys.shape
    scores = torch.zeros(count, device=keys.device)
    groups = queries.reshape(heads, -1, queries.shape[1], width)
    for group, head in zip(groups, keys, strict=True):  # head by head, so that the attention map stays small
        logits = (group.float() @ head.float().T) / width**0.5
        scores += logits.softmax(dim=-1).mean(dim=(0, 1))
    return scores / heads


def sinks_in_buckets(scores: Tensor, budget: int, *, capacity: int = 1, top: int = 0) -> Tensor:
    """Which of L tokens stay: at most M = `budget` of them, as places (K,) in rising order.

    The tokens lie in N = M / B buckets of equal length in order of position, token p of 1…L in bucket ⌈p / (L / N)⌉.
    The `top` highest scores stay whatever bucket they are in; then, by falling score, every token whose bucket holds
    fewer than B = `capacity`, until M tokens stay. Of equal scores the earlier token goes first.

    scores: (L,)
    """
    length = len(scores)
    if length <= budget:
        return torch.arange(length, device=scores.device)
    buckets = budget // capacity
    order = scores.argsort(descending=True, stable=True)
    bucket = (torch.arange(1, length + 1, device=scores.device) * buckets + length - 1) // length
    rank = _rank_in_bucket(bucket[order])
    first = torch.arange(length, device=scores.device) < top
    return order[first | (rank < capacity)][:budget].sort().values


def _rank_in_bucket(bucket: Tensor) -> Tensor:
    """For each of a row of bucket numbers, how many before it are the same."""
    grouped = bucket.argsort(stable=True)
    sizes = torch.bincount(bucket)
    begins = sizes.cumsum(0) - sizes
    ranks = torch.empty_like(bucket)
    ranks[grouped] = torch.arange(len(bucket), device=bucket.device) - begins[bucket[grouped]]
    return ranks
