"""Layers of UniversalVTG over rows in time: features are (B, C, T), masks (B, 1, T), True where there is a row.

Parameters are named as in the official state dict (jbistanbul/universalvtg, `libs/modeling/blocks.py`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, gelu, pad

__all__ = ["Attention", "ChannelNorm", "Decoder", "Encoder", "Feedforward", "LayerScale", "MaskedConv"]

HIDDEN = -1e4  # score of what must not be seen


class MaskedConv(nn.Module):
    """A convolution that does not see rows outside the mask."""

    def __init__(
        self, width: int, out: int, kernel: int = 1, *, stride: int = 1, groups: int = 1, bias: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, out, kernel, stride, kernel // 2, groups=groups, bias=bias)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, C, T) -> (B, out, T / stride)."""
        out: Tensor = self.conv(x * mask)
        return out


class ChannelNorm(nn.Module):
    """Layer normalisation over channels."""

    def __init__(self, width: int, *, affine: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width, 1)) if affine else None
        self.bias = nn.Parameter(torch.zeros(width, 1)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, T) -> the same."""
        x = x - x.mean(1, keepdim=True)
        x = x / (x.square().mean(1, keepdim=True) + 1e-5).sqrt()
        return x if self.weight is None or self.bias is None else x * self.weight + self.bias


class LayerScale(nn.Module):
    """A branch times a learnt factor per channel, left out of some samples while training."""

    def __init__(self, shape: tuple[int, ...], drop: float = 0.0) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full(shape, 1e-4))
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        """Any shape that the factors fit -> the same."""
        kept = torch.ones(len(x), *[1] * (x.ndim - 1), device=x.device)
        return self.scale * x * dropout(kept, self.drop, self.training)


class Attention(nn.Module):
    """Multi-head attention, of every row to all rows or to a `window` around it."""

    def __init__(self, width: int, heads: int, *, given: int | None = None, out: int | None = None, window: int = 0):
        super().__init__()
        self.heads, self.window = heads, window
        self.query = nn.Conv1d(width, width, 1)
        self.key, self.value = (nn.Conv1d(given or width, width, 1) for _ in range(2))
        self.proj = nn.Conv1d(width, out or width, 1)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        """Queries (B, C, T), keys and values (B, C', S) with their mask (B, 1, S) -> (B, out, T)."""
        q, k, v = (
            layer(x).unflatten(1, (self.heads, -1))
            for layer, x in ((self.query, query), (self.key, key), (self.value, value))
        )
        root = q.shape[2] ** 0.25  # of each factor, as officially: products stay small
        q, k = q / root, k / root
        if self.window:
            side = self.window // 2
            near = pad(mask, (side, side)).unfold(-1, self.window, 1)  # (B, 1, T, window)
            k, v = (pad(x, (side, side)).unfold(-1, self.window, 1) for x in (k, v))
            weights = torch.einsum("bhdt,bhdtw->bhtw", q, k).masked_fill(~near, HIDDEN).softmax(-1)
            seen = torch.einsum("bhtw,bhdtw->bhdt", weights * mask[..., None], v)
        else:
            weights = torch.einsum("bhdt,bhds->bhts", q, k).masked_fill(~mask[:, :, None], HIDDEN).softmax(-1)
            seen = torch.einsum("bhts,bhds->bhdt", weights, v)
        out: Tensor = self.proj(seen.flatten(1, 2))
        return out


class _SelfAttention(nn.Module):
    """Attention of rows to rows, each after a convolution of its own."""

    def __init__(self, width: int, heads: int, window: int) -> None:
        super().__init__()
        self.q_conv, self.k_conv, self.v_conv = (_depthwise(width) for _ in range(3))
        self.q_norm, self.k_norm, self.v_norm = (ChannelNorm(width) for _ in range(3))
        self.attn = Attention(width, heads, window=window)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        parts = ((self.q_conv, self.q_norm), (self.k_conv, self.k_norm), (self.v_conv, self.v_norm))
        out: Tensor = self.attn(*(norm(conv(x, mask)) for conv, norm in parts), mask)
        return out


class _CrossAttention(nn.Module):
    """Attention of rows to words; gives a scale and a shift for every row."""

    def __init__(self, width: int, words: int, heads: int) -> None:
        super().__init__()
        self.q_conv, self.q_norm = _depthwise(width), ChannelNorm(width)
        self.xattn = Attention(width, heads, given=words, out=2 * width)

    def forward(self, x: Tensor, mask: Tensor, words: Tensor, word_mask: Tensor) -> Tensor:
        out: Tensor = self.xattn(self.q_norm(self.q_conv(x, mask)), words, words, word_mask)
        return out


class Feedforward(nn.Module):
    """Two layers, the one between four times as wide."""

    def __init__(self, width: int, drop: float) -> None:
        super().__init__()
        self.fc, self.proj = nn.Conv1d(width, 4 * width, 1), nn.Conv1d(4 * width, width, 1)
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, T) -> the same."""
        x = dropout(gelu(self.fc(x)), self.drop, self.training)
        return dropout(self.proj(x), self.drop, self.training)


class Encoder(nn.Module):
    """Rows attend to rows."""

    def __init__(self, width: int, heads: int, *, window: int) -> None:
        super().__init__()
        self.attn, self.ln_attn = _SelfAttention(width, heads, window), ChannelNorm(width)
        self.ffn, self.ln_ffn = Feedforward(width, 0.0), ChannelNorm(width)
        self.drop_path_attn, self.drop_path_ffn = (LayerScale((1, width, 1)) for _ in range(2))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Rows (B, C, T) -> the same."""
        x = x * mask
        x = x + self.drop_path_attn(self.attn(self.ln_attn(x), mask))
        out: Tensor = x + self.drop_path_ffn(self.ffn(self.ln_ffn(x)) * mask)
        return out


class Decoder(nn.Module):
    """Rows, `normed` or as they are, are scaled and shifted by what they find in the words."""

    def __init__(self, width: int, words: int, heads: int, drop: float, *, normed: bool = True) -> None:
        super().__init__()
        self.drop = drop
        self.xattn = _CrossAttention(width, words, heads)
        self.ln_xattn_q, self.ln_xattn_kv = ChannelNorm(width), ChannelNorm(words)
        self.adaln = ChannelNorm(width, affine=False) if normed else nn.Identity()
        self.ffn, self.ln_ffn = Feedforward(width, drop), ChannelNorm(width)
        self.drop_path_ffn = LayerScale((1, width, 1), drop)

    def forward(self, x: Tensor, mask: Tensor, words: Tensor, word_mask: Tensor) -> Tensor:
        """Rows (B, C, T) and words (B, C', L) -> rows."""
        x = x * mask
        found = self.xattn(self.ln_xattn_q(x), mask, self.ln_xattn_kv(words), word_mask)
        scale, shift = dropout(found, self.drop, self.training).chunk(2, 1)
        x = self.adaln(x) * scale + shift
        out: Tensor = x + self.drop_path_ffn(self.ffn(self.ln_ffn(x)) * mask)
        return out


def _depthwise(width: int) -> MaskedConv:
    return MaskedConv(width, width, 3, groups=width, bias=False)
