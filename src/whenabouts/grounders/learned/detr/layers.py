"""Blocks that every model of the family shares, with the parameter names of the official checkpoints.

Shapes: B items, L sequence, d hidden size. Masks are True where there is something.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import leaky_relu, scaled_dot_product_attention

from whenabouts.grounders.learned.products import Linear, linear, traced

__all__ = [
    "MLP",
    "Attention",
    "CrossLayer",
    "DecoderLayer",
    "DropPath",
    "Dropout",
    "EncoderLayer",
    "InputProjection",
    "Layers",
    "PReLU",
    "TextPosition",
    "attend",
    "input_projection",
    "sine_position",
]


class Dropout(nn.Dropout):
    """Dropout that draws its mask from a faster generator on a CPU, where torch's own takes a third of a step.

    The mask follows from torch's seed; its probability is exact to 1 / 65536.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Any shape -> the same."""
        if not self.training or not self.p or x.device.type != "cpu":
            return super().forward(x)
        return _dropped(x, self.p)


def _dropped(x: Tensor, probability: float) -> Tensor:
    [seed] = torch.randint(2**62, (1,)).numpy()
    drawn = np.random.SFC64(int(seed)).random_raw(-(-x.numel() // 4)).view(np.uint16)[: x.numel()]
    # numpy makes numbers of truths ten times as fast as torch
    kept = torch.from_numpy((drawn >= round(probability * 2**16)).astype(np.float32)).view(x.shape)
    return x * kept.mul_(1 / (1 - probability)).to(x.dtype)


class PReLU(nn.PReLU):
    """torch's own with one slope, whose backward pass takes a third of the time in float32 on a CPU."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape -> the same."""
        if x.device.type != "cpu" or not x.dtype == self.weight.dtype == torch.float32 or traced():
            return super().forward(x)
        out: Tensor = _Leaky.apply(x, self.weight)  # type: ignore[no-untyped-call]
        return out


class _Leaky(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        [slope] = weight.detach().numpy()
        ctx.save_for_backward(x)
        ctx.slope = float(slope)
        return leaky_relu(x, ctx.slope)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_out: Tensor) -> tuple[Tensor, Tensor]:
        [x] = ctx.saved_tensors
        of_weight = torch.dot(x.clamp(max=0).flatten(), of_out.flatten())
        return torch.ops.aten.leaky_relu_backward(of_out, x, ctx.slope, False), of_weight[None]


def attend(q: Tensor, k: Tensor, v: Tensor, allowed: Tensor | None, dropout: float) -> Tensor:
    """Scaled dot-product attention (B, heads, L, d / heads); `allowed`, True where to look, broadcasts to its weights.

    On a CPU dropout of weights draws as `Dropout` does.
    """
    if not dropout or q.device.type != "cpu":
        return scaled_dot_product_attention(q, k, v, attn_mask=allowed, dropout_p=dropout)
    likeness = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
    if allowed is not None:
        likeness += torch.zeros_like(allowed, dtype=q.dtype).masked_fill(~allowed, -math.inf)  # in place: no gradient
    return _dropped(likeness.softmax(-1), dropout) @ v


class Attention(nn.MultiheadAttention):
    """With the parameters of torch's own, items first, for weights that nobody reads."""

    def __init__(self, d: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__(d, heads, dropout, batch_first=True)

    def forward(  # type: ignore[override]
        self, query: Tensor, key: Tensor, value: Tensor, allowed: Tensor | None = None
    ) -> Tensor:
        """(B, L, d), (B, T, d) twice and, True where to look, what broadcasts to (B, heads, L, T) -> (B, L, d)."""
        weight, bias, d = self.in_proj_weight, self.in_proj_bias, self.embed_dim
        if query is key:
            q, k = linear(query, weight[: 2 * d], bias[: 2 * d]).chunk(2, -1)
        else:
            q, k = linear(query, weight[:d], bias[:d]), linear(key, weight[d : 2 * d], bias[d : 2 * d])
        v = linear(value, weight[2 * d :], bias[2 * d :])
        q, k, v = (part.view(*part.shape[:2], self.num_heads, -1).transpose(1, 2) for part in (q, k, v))
        attended = attend(q, k, v, allowed, self.dropout if self.training else 0.0)
        return linear(attended.transpose(1, 2).flatten(2), self.out_proj.weight, self.out_proj.bias)


class InputProjection(nn.Module):
    """LayerNorm, dropout, linear and, but for the last of a stack, ReLU: (B, L, in) -> (B, L, d)."""

    def __init__(self, size_in: int, size_out: int, dropout: float, *, relu: bool) -> None:
        super().__init__()
        self.LayerNorm = nn.LayerNorm(size_in)
        self.net = nn.Sequential(Dropout(dropout), Linear(size_in, size_out))
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        """Project (B, L, in) to (B, L, d)."""
        x = self.net(self.LayerNorm(x))
        return x.relu() if self.relu else x


def input_projection(size_in: int, d: int, count: int, dropout: float) -> nn.Sequential:
    """`count` projections in a row, the last without ReLU."""
    sizes = [size_in] + [d] * count
    return nn.Sequential(*(InputProjection(sizes[i], d, dropout, relu=i < count - 1) for i in range(count)))


def sine_position(mask: Tensor, d: int) -> Tensor:
    """Sine positions of (B, L) masks, (B, L, d): the place among the valid ones, as a share of 2π of their number."""
    if mask.device.type == "cpu" and not traced():
        rows, row = torch.unique(mask, dim=0, return_inverse=True)  # items of one length have the same
        return _sine_position(rows, d)[row]
    return _sine_position(mask, d)


def _sine_position(mask: Tensor, d: int) -> Tensor:
    place = mask.float().cumsum(1)
    place = place / (place[:, -1:] + 1e-6) * (2 * math.pi)
    frequency = torch.arange(d, dtype=torch.float32, device=mask.device)
    angle = place[:, :, None] / 10000 ** (2 * torch.div(frequency, 2, rounding_mode="floor") / d)
    return torch.stack([angle[..., 0::2].sin(), angle[..., 1::2].cos()], dim=3).flatten(2)


class TextPosition(nn.Module):
    """Learnt positions of words; in every checkpoint, and used by none of the published recipes."""

    def __init__(self, words: int, d: int, dropout: float) -> None:
        super().__init__()
        self.position_embeddings = nn.Embedding(words, d)
        self.LayerNorm = nn.LayerNorm(d)
        self.dropout = Dropout(dropout)

    def forward(self, text: Tensor) -> Tensor:
        """(B, T, d) content -> (B, T, d); the result holds the content already, as officially."""
        places = torch.arange(text.shape[1], device=text.device)
        embedded: Tensor = self.dropout(self.LayerNorm(text + self.position_embeddings(places)))
        return embedded


class MLP(nn.Module):
    """Linear layers with ReLU between."""

    def __init__(self, size_in: int, hidden: int, size_out: int, count: int) -> None:
        super().__init__()
        sizes = [size_in] + [hidden] * (count - 1) + [size_out]
        self.layers = nn.ModuleList(Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) -> (..., out)."""
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        out: Tensor = self.layers[-1](x)
        return out


class DropPath(nn.Module):
    """In training, whole items of a batch skip a residual at random (stochastic depth, arXiv:1603.09382)."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, d) -> (B, L, d), some items zero, the others larger to keep the mean."""
        if not self.training or not self.probability:
            return x
        keep = 1 - self.probability
        return x * x.new_empty(len(x), 1, 1).bernoulli_(keep) / keep


class Layers(nn.Module):
    """Layers under the name that official state dicts have them by; what holds them runs them."""

    def __init__(self, layers: Iterable[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, normalised after; positions are added to queries and keys, never to values.

    QD-DETR and CG-DETR learn the slope of the activation (PReLU), UniVTG takes GELU. With `drop_path` residuals are
    skipped by whole items at that probability and not by single values.
    """

    def __init__(
        self,
        d: int,
        heads: int,
        feedforward: int,
        dropout: float,
        *,
        activation: type[nn.Module] = nn.ReLU,
        drop_path: float | None = None,
    ) -> None:
        super().__init__()
        self.self_attn = Attention(d, heads, dropout)
        self.linear1, self.linear2 = Linear(d, feedforward), Linear(feedforward, d)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.activation = activation()
        self.dropout = Dropout(dropout)
        self.skip = Dropout(dropout) if drop_path is None else DropPath(drop_path)

    def forward(self, x: Tensor, position: Tensor, mask: Tensor, rows: int | None = None) -> Tensor:
        """(B, L, d) content, (B, L, d) positions, (B, L) mask -> (B, L, d), or of the first `rows` alone."""
        key = x + position
        query = key if rows is None else key[:, :rows]
        attended = self.self_attn(query, key, x, mask[:, None, None])
        x = self.norm1(x[:, :rows] + self.skip(attended))
        hidden = self.linear2(self.dropout(self.activation(self.linear1(x))))
        out: Tensor = self.norm2(x + self.skip(hidden))
        return out


class CrossLayer(EncoderLayer):
    """One side asks, the other answers: clips and words. The feed-forward adds to what came before its norm.

    `strict_official` orders one mask by heads where it should go by items, so that an answer depends on its batch.
    """

    def __init__(self, d: int, heads: int, feedforward: int, dropout: float, *, strict_official: bool) -> None:
        super().__init__(d, heads, feedforward, dropout, activation=PReLU)
        self.strict_official = strict_official

    def forward(  # type: ignore[override]
        self, x: Tensor, position: Tensor, valid: Tensor, other: Tensor, other_position: Tensor, other_valid: Tensor
    ) -> Tensor:
        """(B, L, d) what asks, positions and mask, (B, T, d) what answers, positions and mask -> (B, L, d)."""
        allowed = other_valid[:, None, None]
        if self.strict_official:  # not padding × padding, but in the order of heads and not of items
            blocked = ((~valid)[:, :, None] & (~other_valid)[:, None]).repeat(self.self_attn.num_heads, 1, 1)
            allowed = allowed & ~blocked.view(len(x), -1, *blocked.shape[1:])
        attended = self.self_attn(x + position, other + other_position, other, allowed)
        x = x + self.skip(attended)
        hidden = self.linear2(self.dropout(self.activation(self.linear1(self.norm1(x)))))
        out: Tensor = self.norm2(x + self.skip(hidden))
        return out


class DecoderLayer(nn.Module):
    """Self-attention among Q queries, cross-attention to the memory, feed-forward, each normalised after."""

    def __init__(self, d: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.self_attn = Attention(d, heads, dropout)
        self.multihead_attn = Attention(d, heads, dropout)
        self.linear1, self.linear2 = Linear(d, feedforward), Linear(feedforward, d)
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, query: Tensor, memory: Tensor, position: Tensor, mask: Tensor) -> Tensor:
        """(B, Q, d) content and query embedding, (B, L, d) memory and positions, (B, L) mask -> (B, Q, d)."""
        asking = x + query
        x = self.norm1(x + self.dropout(self.self_attn(asking, asking, x)))
        attended = self.multihead_attn(x + query, memory + position, memory, mask[:, None, None])
        x = self.norm2(x + self.dropout(attended))
        hidden = self.linear2(self.dropout(self.linear1(x).relu()))
        out: Tensor = self.norm3(x + self.dropout(hidden))
        return out
