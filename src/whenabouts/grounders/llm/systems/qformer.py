"""The Q-Former of BLIP-2 (arXiv:2301.12597) with text beside its queries, as TimeSuite and MeCo have it.

Names in the state dict are those of LAVIS' `Qformer.py`, there under `bert.`: `embeddings`,
`encoder.layer.N.attention`, `crossattention` in every other layer, `intermediate` and `output` for text,
`intermediate_query` and `output_query` for queries.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

__all__ = ["Bert", "QFormer"]

HIDDEN = -10000.0  # added where padding must not be attended to, as BERT does


@dataclass(frozen=True, slots=True)
class Bert:
    """Sizes; the defaults are those of bert-base-uncased with one token more."""

    vocab_size: int = 30523
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    max_position_embeddings: int = 512
    layer_norm_eps: float = 1e-12


class QFormer(nn.Module):
    """Queries that look at what a vision tower saw, and read text.

    seen_width: of what they look at
    """

    def __init__(self, bert: Bert, seen_width: int) -> None:
        super().__init__()
        self.embeddings = _Embeddings(bert)
        self.encoder = _Layers(bert, seen_width)

    def forward(self, queries: Tensor, ids: Tensor, present: Tensor, seen: Tensor) -> Tensor:
        """Queries (B, Q, D), text ids (B, L) with `present` (B, L), 0 for padding, and (B, N, W) -> (B, Q, D)."""
        count = queries.shape[1]
        x: Tensor = self.embeddings(queries, ids)
        attended = torch.cat([present.new_ones(len(ids), count), present], 1)
        mask = (1 - attended[:, None, None].to(x)) * HIDDEN
        for layer in self.encoder.layer:
            x = layer(x, mask, seen, count)
        return x[:, :count]


class _Layers(nn.Module):
    def __init__(self, bert: Bert, seen_width: int) -> None:
        super().__init__()
        looking = (seen_width if number % 2 == 0 else None for number in range(bert.num_hidden_layers))
        self.layer = nn.ModuleList(_Layer(bert, width) for width in looking)


class _Embeddings(nn.Module):
    def __init__(self, bert: Bert) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(bert.vocab_size, bert.hidden_size, padding_idx=0)
        self.position_embeddings = nn.Embedding(bert.max_position_embeddings, bert.hidden_size)
        self.LayerNorm = nn.LayerNorm(bert.hidden_size, eps=bert.layer_norm_eps)

    def forward(self, queries: Tensor, ids: Tensor) -> Tensor:
        place = torch.arange(ids.shape[1], device=ids.device)
        words = self.word_embeddings(ids) + self.position_embeddings(place)
        normed: Tensor = self.LayerNorm(torch.cat([queries, words.to(queries)], 1))
        return normed


class _Layer(nn.Module):
    def __init__(self, bert: Bert, seen_width: int | None) -> None:
        super().__init__()
        self.attention = _Attention(bert, bert.hidden_size)
        self.crossattention = None if seen_width is None else _Attention(bert, seen_width)
        self.intermediate, self.output = _Inner(bert), _Outer(bert, bert.intermediate_size)
        self.intermediate_query, self.output_query = _Inner(bert), _Outer(bert, bert.intermediate_size)

    def forward(self, x: Tensor, mask: Tensor, seen: Tensor, count: int) -> Tensor:
        x = self.attention(x, x, mask)
        queries, text = x[:, :count], x[:, count:]
        if self.crossattention is not None:
            queries = self.crossattention(queries, seen, None)
        queries = self.output_query(self.intermediate_query(queries), queries)
        return torch.cat([queries, self.output(self.intermediate(text), text)], 1)


class _Attention(nn.Module):
    def __init__(self, bert: Bert, width: int) -> None:
        super().__init__()
        self.self = _Mix(bert, width)
        self.output = _Outer(bert, bert.hidden_size)

    def forward(self, x: Tensor, seen: Tensor, mask: Tensor | None) -> Tensor:
        out: Tensor = self.output(self.self(x, seen, mask), x)
        return out


class _Mix(nn.Module):
    def __init__(self, bert: Bert, width: int) -> None:
        super().__init__()
        self.heads = bert.num_attention_heads
        self.query = nn.Linear(bert.hidden_size, bert.hidden_size)
        self.key = nn.Linear(width, bert.hidden_size)
        self.value = nn.Linear(width, bert.hidden_size)

    def forward(self, x: Tensor, seen: Tensor, mask: Tensor | None) -> Tensor:
        each = (self.query(x), self.key(seen), self.value(seen))
        query, key, value = (one.unflatten(-1, (self.heads, -1)).transpose(1, 2) for one in each)
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=None if mask is None else mask.to(query))
        return mixed.transpose(1, 2).flatten(2)


class _Inner(nn.Module):
    def __init__(self, bert: Bert) -> None:
        super().__init__()
        self.dense = nn.Linear(bert.hidden_size, bert.intermediate_size)

    def forward(self, x: Tensor) -> Tensor:
        return gelu(self.dense(x))


class _Outer(nn.Module):
    def __init__(self, bert: Bert, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, bert.hidden_size)
        self.LayerNorm = nn.LayerNorm(bert.hidden_size, eps=bert.layer_norm_eps)

    def forward(self, x: Tensor, before: Tensor) -> Tensor:
        out: Tensor = self.LayerNorm(self.dense(x) + before)
        return out
