"""UniversalVTG's model: words and rows joined, a pyramid, joined again, and at every row of it a score and two offsets.

Parameters are named as in the official state dict (jbistanbul/universalvtg, `libs/modeling/model.py: HieraMamba`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from whenabouts.grounders.learned.universalvtg.layers import Attention, ChannelNorm, Decoder, MaskedConv
from whenabouts.grounders.learned.universalvtg.pyramid import Pyramid

__all__ = ["Fusion", "Level", "Offsets", "Scores", "UniversalVTG", "UniversalVTGConfig", "Words"]


@dataclass(frozen=True)
class UniversalVTGConfig:
    """Sizes of the published model, for Perception Encoder L/14.

    window: rows that attention sees on the lower levels        positions: rows whose places are told apart
    states, head, expand, kernel: of the scans, as for `Hydra`
    """

    video_dim: int = 1024
    text_dim: int = 1024
    hidden: int = 512
    heads: int = 4
    convs: int = 2
    levels: int = 8
    window: int = 5
    positions: int = 4608
    states: int = 64
    head: int = 64
    expand: int = 2
    kernel: int = 7
    fusion_layers: int = 2
    head_layers: int = 2
    dropout: float = 0.1


@dataclass(frozen=True)
class Level:
    """One level of the pyramid: `logits` (B, P), `offsets` to start and end in rows of this level (B, P, 2), `mask`."""

    logits: Tensor
    offsets: Tensor
    mask: Tensor


class UniversalVTG(nn.Module):
    """The model. `strict_official` is taken as by the others, and changes nothing."""

    def __init__(self, config: UniversalVTGConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or UniversalVTGConfig()
        self.text_net = Words(c.text_dim, c.hidden, c.heads)
        self.vid_proj = MaskedConv(c.video_dim, c.hidden)
        self.fusion = Fusion(c.hidden, c.hidden, c.heads, c.fusion_layers, c.dropout)
        self.vid_net = Pyramid(
            c.hidden,
            convs=c.convs,
            levels=c.levels,
            window=c.window,
            positions=c.positions,
            drop=c.dropout,
            states=c.states,
            head=c.head,
            expand=c.expand,
            kernel=c.kernel,
        )
        self.cls_head = Scores(c.hidden, c.head_layers)
        self.reg_head = Offsets(c.hidden, c.head_layers, c.levels)

    def forward(self, video: Tensor, mask: Tensor, words: Tensor, word_mask: Tensor) -> list[Level]:
        """Rows (B, T, D) and words (B, L, D') with masks (B, T) and (B, L) -> levels, the finest first.

        T is a multiple of 2^(levels - 1).
        """
        there, said = mask[:, None], word_mask[:, None]
        text, said = self.text_net(words.transpose(1, 2), said)
        rows = self.fusion(self.vid_proj(video.transpose(1, 2), there), there, text, said)
        levels = [(self.fusion(x, inside, text, said), inside) for x, inside in self.vid_net(rows, there)]
        return [
            Level(self.cls_head(x, inside), self.reg_head(x, inside, number), inside[:, 0])
            for number, (x, inside) in enumerate(levels)
        ]


class Words(nn.Module):
    """Words, and before them what they say together."""

    def __init__(self, given: int, width: int, heads: int) -> None:
        super().__init__()
        self.embd_fc = MaskedConv(given, width)
        self.attn_pool = nn.ModuleDict({"attn": Attention(width, heads)})

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Words (B, D, L) -> (B, C, 1 + L) and their mask."""
        x = self.embd_fc(x, mask)
        mean = (x * mask).sum(-1, keepdim=True) / mask.sum(-1, keepdim=True)
        mask = torch.cat([mask[..., :1], mask], -1)
        both = torch.cat([mean, x], -1)
        return torch.cat([self.attn_pool["attn"](mean, both, both, mask), x], -1), mask


class Fusion(nn.Module):
    """Rows that have seen the words."""

    def __init__(self, width: int, words: int, heads: int, layers: int, drop: float, *, normed: bool = True) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Decoder(width, words, heads, drop, normed=normed) for _ in range(layers))
        self.ln_out = ChannelNorm(width)

    def forward(self, x: Tensor, mask: Tensor, words: Tensor, word_mask: Tensor) -> Tensor:
        """Rows (B, C, T) and words (B, C', L) -> rows."""
        for layer in self.layers:
            x = layer(x, mask, words, word_mask)
        out: Tensor = self.ln_out(x)
        return out


class _Convolved(nn.Module):
    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(MaskedConv(width, width, 3, bias=False) for _ in range(layers))
        self.norms = nn.ModuleList(ChannelNorm(width) for _ in range(layers))

    def before(self, x: Tensor, mask: Tensor) -> Tensor:
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = relu(norm(conv(x, mask)))
        return x


class Scores(_Convolved):
    """One number for every row."""

    def __init__(self, width: int, layers: int) -> None:
        super().__init__(width, layers)
        self.cls_head = MaskedConv(width, 1, 3)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Rows (B, C, T) -> (B, T)."""
        scores: Tensor = self.cls_head(self.before(x, mask), mask)
        return scores[:, 0]


class _Scale(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))


class Offsets(_Convolved):
    """Distances from every row to a start and an end, or a signed one to a start alone."""

    def __init__(self, width: int, layers: int, levels: int, *, starts: bool = False) -> None:
        super().__init__(width, layers)
        self.signed = starts
        self.reg_head = MaskedConv(width, 1 if starts else 2, 3)
        self.scales = nn.ModuleList(_Scale() for _ in range(levels))

    def forward(self, x: Tensor, mask: Tensor, level: int) -> Tensor:
        """Rows (B, C, T) of a level -> (B, T, 2 or 1)."""
        offsets: Tensor = self.reg_head(self.before(x, mask), mask) * self.scales[level].scale
        return (offsets if self.signed else relu(offsets)).transpose(1, 2)
