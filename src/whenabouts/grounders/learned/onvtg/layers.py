"""Layers of OnVTG beside those it shares with UniversalVTG: features are (B, C, T), masks (B, 1, T).

Parameters are named as in the official state dict (minghangz/OnVTG, `libs/modeling/`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, interpolate

from whenabouts.grounders.learned.universalvtg.layers import Attention, ChannelNorm, Feedforward, LayerScale, MaskedConv
from whenabouts.grounders.learned.universalvtg.pyramid import sinusoids

__all__ = ["EventBlock", "Sentence", "pooled"]


class _Block(nn.Module):
    """Rows attend to rows, and to what is remembered."""

    def __init__(self, attn: nn.Module, width: int, drop: float) -> None:
        super().__init__()
        self.attn, self.ln_attn = attn, ChannelNorm(width)
        self.ffn, self.ln_ffn = Feedforward(width, drop), ChannelNorm(width)
        self.drop_path_attn, self.drop_path_ffn = (LayerScale((1, width, 1), drop) for _ in range(2))
        self.drop = drop

    def after(self, x: Tensor, mask: Tensor, seen: Tensor) -> Tensor:
        x = x + self.drop_path_attn(dropout(seen, self.drop, self.training) * mask)
        out: Tensor = x + self.drop_path_ffn(self.ffn(self.ln_ffn(x)) * mask)
        return out


class EventBlock(_Block):
    """Events of one window attend to each other and to those before."""

    def __init__(self, width: int, heads: int, drop: float) -> None:
        super().__init__(Attention(width, heads), width, drop)

    def forward(self, x: Tensor, mask: Tensor, before: Tensor | None, before_mask: Tensor | None) -> Tensor:
        """Events (B, C, T) and those before (B, C, N) -> events (B, C, T)."""
        x = x * mask
        rows = there = self.ln_attn(x)
        seen = mask
        if before is not None and before_mask is not None:
            there = torch.cat([rows, self.ln_attn(before * before_mask)], -1)
            seen = torch.cat([mask, before_mask], -1)
        return self.after(x, mask, self.attn(rows, there, there, seen))


class _WordBlock(_Block):
    def __init__(self, width: int, heads: int, drop: float) -> None:
        super().__init__(nn.ModuleDict({"attn": Attention(width, heads)}), width, drop)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = x * mask
        rows = self.ln_attn(x)
        assert isinstance(self.attn, nn.ModuleDict)
        return self.after(x, mask, self.attn["attn"](rows, rows, rows, mask))


class Sentence(nn.Module):
    """Words that attend to each other, and before them a token that is the same for all sentences.

    words: whose places are told apart; those of a longer sentence are squeezed into as many
    """

    def __init__(self, given: int, width: int, *, heads: int, layers: int, words: int, drop: float) -> None:
        super().__init__()
        self.embd_fc = MaskedConv(given, width)
        self.bkgd_token = nn.Parameter(0.02 * torch.randn(width, 1))
        self.transformer = nn.ModuleList(_WordBlock(width, heads, drop) for _ in range(layers))
        self.register_buffer("places", sinusoids(words, width), persistent=False)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Words (B, D, L) -> (B, C, 1 + L) and their mask."""
        x = self.embd_fc(x, mask)
        places, count = self.places, x.shape[-1]
        assert isinstance(places, Tensor)
        if count > places.shape[-1]:
            places = interpolate(places[None], size=count, mode="linear", align_corners=True)[0]
        x = x + places[:, :count] * mask
        x = torch.cat([self.bkgd_token.expand(len(x), -1, -1), x], -1)
        mask = torch.cat([mask[..., :1], mask], -1)
        for block in self.transformer:
            x = block(x, mask)
        return x, mask


def pooled(x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The greater of every two rows (B, C, T) -> (B, C, T / 2), without those outside the mask."""
    there = mask.reshape(*mask.shape[:-1], -1, 2)
    least = torch.finfo(x.dtype).min
    pairs = x.reshape(*x.shape[:-1], -1, 2).masked_fill(~there, least).amax(-1)
    above = there.any(-1)
    return pairs.masked_fill(~above, 0.0), above
