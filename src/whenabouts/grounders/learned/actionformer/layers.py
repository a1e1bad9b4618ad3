"""Layers of ActionFormer over (B, C, T) with masks (B, 1, T); parameters are named as in the official code."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad, relu, softmax

__all__ = ["Block", "ChannelNorm", "MaskedConv", "relu_stack", "sinusoids"]


class MaskedConv(nn.Module):
    """A convolution whose output is 0 outside the mask; with a stride the mask is thinned."""

    def __init__(self, width: int, out: int, kernel: int = 1, *, stride: int = 1, groups: int = 1, bias: bool = True):
        super().__init__()
        self.stride = stride
        self.conv = nn.Conv1d(width, out, kernel, stride, kernel // 2, groups=groups, bias=bias)
        if bias:
            nn.init.zeros_(self.conv.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, T), (B, 1, T) -> (B, C', T / stride), (B, 1, T / stride)."""
        out = self.conv(x)
        if self.stride > 1:
            mask = interpolate(mask.to(x.dtype), size=out.shape[-1], mode="nearest").bool()
        return out * mask.to(x.dtype), mask


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of (B, C, T)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(1, width, 1)), nn.Parameter(torch.zeros(1, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        centred = x - x.mean(1, keepdim=True)
        return centred / torch.sqrt((centred**2).mean(1, keepdim=True) + 1e-5) * self.weight + self.bias


def relu_stack(convs: nn.ModuleList, norms: nn.ModuleList, x: Tensor, mask: Tensor) -> Tensor:
    """Convolutions, each followed by its normalisation and a ReLU."""
    for conv, norm in zip(convs, norms, strict=True):
        x = relu(norm(conv(x, mask)[0]))
    return x


class Attention(nn.Module):
    """Self-attention after convolutions of each channel, which also thin by `stride`.

    window: how many places one attends to, itself in the middle; none or 1 is all of them. Memory grows with T·window.
    """

    def __init__(self, width: int, heads: int, window: int, stride: int, dropout: float, relative: bool) -> None:
        super().__init__()
        self.heads, self.reach = heads, window // 2 if window > 1 else None
        kernel = stride + 1 if stride > 1 else 3
        for name in ("query", "key", "value"):
            conv = MaskedConv(width, width, kernel, stride=stride, groups=width, bias=False)
            setattr(self, f"{name}_conv", conv)
            setattr(self, f"{name}_norm", ChannelNorm(width))
            setattr(self, name, nn.Conv1d(width, width, 1))
        self.proj, self.proj_drop = nn.Conv1d(width, width, 1), nn.Dropout(dropout)
        if relative and self.reach is not None:
            self.rel_pe = nn.Parameter(torch.zeros(1, 1, heads, window))
            nn.init.trunc_normal_(self.rel_pe, std=(2 / width) ** 0.5)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, T), (B, 1, T) -> (B, C, T / stride), (B, 1, T / stride)."""
        sides, thinned = [], mask
        for name in ("query", "key", "value"):
            side, thinned = getattr(self, f"{name}_conv")(x, mask)
            side = getattr(self, name)(getattr(self, f"{name}_norm")(side))
            sides.append(
                side.reshape(len(x), self.heads, -1, side.shape[-1]).transpose(2, 3)
            )  # (B, heads, T, C / heads)
        query, key, value = sides
        query = query / math.sqrt(query.shape[-1])
        mixed = self._all(query, key, value, thinned) if self.reach is None else self._near(query, key, value, thinned)
        out = self.proj(mixed.transpose(2, 3).flatten(1, 2))
        return self.proj_drop(out) * thinned.to(out.dtype), thinned

    def _all(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        scores = (query @ key.transpose(2, 3)).masked_fill(~mask[:, :, None, :], float("-inf"))
        return softmax(scores, -1) @ (value * mask[:, 0, None, :, None])

    def _near(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        """Blocks of twice the reach see themselves and the reach on both sides."""
        assert self.reach is not None
        reach, block, length = self.reach, 2 * self.reach, query.shape[2]
        more = -length % block
        query = pad(query, (0, 0, 0, more)).reshape(*query.shape[:2], -1, block, query.shape[3])
        around = (0, 0, reach, reach + more)
        key, value = (pad(side, around).unfold(2, 2 * block, block) for side in (key, value))  # (…, d, 2·block)
        there = pad(mask[:, 0], (reach, reach + more)).unfold(1, 2 * block, block)  # (B, blocks, 2·block)
        place = torch.arange(2 * block, device=mask.device) - torch.arange(block, device=mask.device)[:, None]
        near = (place >= 0) & (place <= 2 * reach)
        allowed = (near & there[:, :, None, :])[:, None]
        scores = query @ key
        if hasattr(self, "rel_pe"):
            scores = scores + self.rel_pe[0, 0][:, place.clamp(0, 2 * reach)][None, :, None]
        shares = softmax(scores.masked_fill(~allowed, float("-inf")), -1).masked_fill(~allowed, 0.0)
        return (shares @ value.transpose(3, 4)).flatten(2, 3)[:, :, :length]


class DropPath(nn.Module):
    """A scaled branch, which training leaves out at random, sample by sample."""

    def __init__(self, width: int, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.scale = nn.Parameter(1e-4 * torch.ones(1, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        x = self.scale * x
        if self.rate == 0.0 or not self.training:
            return x
        keep = 1 - self.rate
        drawn: Tensor = torch.rand((len(x), 1, 1), dtype=x.dtype, device=x.device)
        kept: Tensor = x.div(keep) * (keep + drawn).floor()
        return kept


class Block(nn.Module):
    """Attention and a small network, each normalised before; a stride thins by as much, the input by its greatest."""

    def __init__(
        self, width: int, heads: int, window: int, stride: int, *, dropout: float, path: float, relative: bool
    ) -> None:
        super().__init__()
        self.ln1, self.ln2 = ChannelNorm(width), ChannelNorm(width)
        self.attn = Attention(width, heads, window, stride, dropout, relative)
        thin = nn.MaxPool1d(stride + 1, stride, (stride + 1) // 2)
        self.pool_skip = thin if stride > 1 else nn.Identity()
        inner = 4 * width
        self.mlp = nn.Sequential(
            nn.Conv1d(width, inner, 1), nn.GELU(), nn.Dropout(dropout), nn.Conv1d(inner, width, 1), nn.Dropout(dropout)
        )
        self.drop_path_attn = DropPath(width, path) if path else nn.Identity()
        self.drop_path_mlp = DropPath(width, path) if path else nn.Identity()

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, T), (B, 1, T) -> (B, C, T / stride), (B, 1, T / stride)."""
        out, thinned = self.attn(self.ln1(x), mask)
        there = thinned.to(out.dtype)
        out = self.pool_skip(x) * there + self.drop_path_attn(out)
        out = out + self.drop_path_mlp(self.mlp(self.ln2(out)) * there)
        return out, thinned


def sinusoids(length: int, width: int) -> Tensor:
    """Places as sines and cosines side by side, divided by the root of the width: (1, width, length)."""
    place = torch.arange(length, dtype=torch.float64)[:, None]
    rate = torch.pow(10000.0, -2 * (torch.arange(width, dtype=torch.float64) // 2) / width)
    angle = place * rate
    angle[:, 0::2], angle[:, 1::2] = angle[:, 0::2].sin(), angle[:, 1::2].cos()
    return angle.float().T[None] / math.sqrt(width)
