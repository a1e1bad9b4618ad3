"""Blocks of VideoMind's grounder (arXiv:2503.13444), under the official names, so that published weights fit.

Source of names and arithmetic: yeliudev/VideoMind `model/blocks.py`, and nncore 0.4.5 `nn/blocks/transformer.py`.
All tensors are (B, T, width).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

__all__ = ["ConvHead", "FusionLayer", "Offset", "Pyramid", "Scale", "turns"]

HEADS, WIDER = 8, 4  # attention heads; the inner width of a layer, in widths
DROPPED = 0.1  # probability that a residual branch is left out in training


class FusionLayer(nn.Module):
    """A transformer layer that normalises before attention and before its two linear maps."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.self_att = _Attention(width)
        self.self_att_norm = nn.LayerNorm(width)
        self.ffn = _TwoLinears(width)
        self.ffn_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        x = x + self._sometimes(self.self_att(self.self_att_norm(x)))
        return x + self._sometimes(self.ffn(self.ffn_norm(x)))

    def _sometimes(self, branch: Tensor) -> Tensor:
        """The branch of each example, left out at random in training and larger where it is kept."""
        if not self.training:
            return branch
        kept = torch.rand(len(branch), 1, 1, dtype=branch.dtype, device=branch.device) >= DROPPED
        return branch / (1 - DROPPED) * kept


class _Attention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.q, self.k, self.v, self.m = (nn.Linear(width, width) for _ in range(4))
        for linear in (self.q, self.k, self.v, self.m):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (linear(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for linear in (self.q, self.k, self.v))
        mixed: Tensor = self.m(scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        return mixed


class _TwoLinears(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        first, last = nn.Linear(width, WIDER * width), nn.Linear(WIDER * width, width)
        self.mapping = nn.Sequential(first, nn.SiLU(), last)
        for linear in (first, last):
            nn.init.kaiming_normal_(linear.weight, mode="fan_out")
            nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        mapped: Tensor = self.mapping(x)
        return mapped


class Offset(nn.Module):
    """A learned vector that says what kind of token this is."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.randn(1, 1, width) / math.sqrt(width))

    def forward(self, x: Tensor) -> Tensor:
        """The tokens with it added."""
        return x + self.weights


class _Swap(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(-1, -2)


class Pyramid(nn.Module):
    """Levels of ever fewer places: one for each stride, a power of two; a level longer than the video is left out."""

    def __init__(self, width: int, strides: Sequence[int]) -> None:
        super().__init__()
        self.strides = tuple(strides)
        self.blocks = nn.ModuleList(_descent(width, stride) for stride in strides)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, T, width) -> for each stride (B, T // stride, width)."""
        return [block(x) for stride, block in zip(self.strides, self.blocks, strict=True) if x.shape[1] >= stride]


def _descent(width: int, stride: int) -> nn.Module:
    layers: list[nn.Module] = []
    for _ in range(int(math.log2(stride))):
        layers += [_Swap(), _conv(width, width, 2, stride=2), _Swap(), nn.LayerNorm(width), nn.SiLU()]
    return nn.Sequential(*layers) if layers else nn.SiLU()


class ConvHead(nn.Module):
    """Two convolutions over three places each: (B, L, width) -> (B, L, out)."""

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        first, last = _conv(width, width, 3, padding=1), _conv(width, out, 3, padding=1)
        self.module = nn.Sequential(_Swap(), first, nn.SiLU(), last, _Swap())

    def forward(self, x: Tensor) -> Tensor:
        """`out` numbers for every place."""
        scores: Tensor = self.module(x)
        return scores


def _conv(width: int, out: int, reach: int, **more: int) -> nn.Conv1d:
    conv = nn.Conv1d(width, out, reach, **more)  # type: ignore[arg-type]
    nn.init.xavier_uniform_(conv.weight)
    nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
    return conv


class Scale(nn.Module):
    """A learned factor for each level."""

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(levels))


def turns(length: int, width: int, like: Tensor) -> Tensor:
    """Sinusoidal places (length, width), width even: a whole video is one turn of the slowest pair."""
    place = torch.arange(1, length + 1, device=like.device) / (length + 1e-6) * (2 * math.pi)
    speed = 10000 ** (torch.arange(0, width, 2, device=like.device) / width)
    angle = place[:, None] / speed
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1).to(like.dtype)
