"""Retrieval of pages of tokens by keys that know no positions (LiveVLM's PaR, arXiv:2505.15269 v2)."""

from __future__ import annotations

import torch
from torch import Tensor

from whenabouts.grounders.stream.cache.query_pooling import pooled_query

__all__ = ["best_pages", "page_keys", "page_scores"]


def page_keys(keys: Tensor, size: int) -> Tensor:
    """The mean key of every page of `size` tokens; the last page may be shorter.

    keys:    (H, N, D) before rotation
    returns: (H, ⌈N / size⌉, D) float32
    """
    heads, count, width = keys.shape
    page = torch.arange(count, device=keys.device) // size
    pages = -(-count // size)
    sums = torch.zeros(heads, pages, width, device=keys.device).index_add_(1, page, keys.float())
    return sums / torch.bincount(page, minlength=pages)[:, None]


def page_scores(query: Tensor, pages: Tensor) -> Tensor:
    """How well each of P pages fits a question: its pooled query times the page's key, averaged over heads.

    query:   (Hq, M, D) before rotation
    pages:   (H, P, D)
    returns: (P,)
    """
    return torch.einsum("hd,hpd->p", pooled_query(query, len(pages)), pages) / len(pages)


def best_pages(scores: Tensor, count: int, size: int, tokens: int) -> Tensor:
    """The places (K,) of the tokens of the `count` best of P pages, in rising order; there are `tokens` in all."""
    chosen = scores.topk(min(count, len(scores))).indices.sort().values
    places = (chosen[:, None] * size + torch.arange(size, device=scores.device)).flatten()
    return places[places < tokens]
