"""R2-Tuning's model (Liu et al. 2024, arXiv:2404.00801): CLIP's last k layers, read from the last to the first.

One small block is shared by all layers: in each, words gather the patches of every picture that they mean, and the
clips so found are joined with those of the layer before. A row of a video is k layers of its picture's tokens, a word
k layers of its vector, flat, as the official files hold them.

In training padding takes part officially in the best word of a clip, in places and in convolutions; `strict_official`
brings it back. Parameters are named as in the official state dict (yeliudev/R2-Tuning, `models/model.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from whenabouts.grounders.learned.detr.layers import DropPath, sine_position
from whenabouts.grounders.learned.detr.pyramid import ConvHead, Points, Pooling, Pyramid, valid_points
from whenabouts.grounders.learned.r2_tuning.losses import R2TuningOutput

__all__ = ["R2Tuning", "R2TuningConfig"]


@dataclass(frozen=True)
class R2TuningConfig:
    """Sizes as published, for features of CLIP ViT-B/32.

    video_dim: numbers a row: `layers` of `tokens`, each as wide as CLIP's, flat, the last layer last
    text_dim:  numbers a word: `layers`, flat
    levels:    of the pyramid, level i with stride 2^i
    ends:      whether every token is told the two ends of its clip
    moments:   whether it finds moments, or highlights alone
    """

    video_dim: int = 4 * 50 * 768
    text_dim: int = 4 * 512
    layers: int = 4
    tokens: int = 50
    hidden: int = 256
    heads: int = 8
    feedforward: int = 1024
    levels: int = 4
    ends: bool = True
    moments: bool = True
    dropout: float = 0.5
    drop_path: float = 0.1


class R2Tuning(nn.Module):
    """The model; parameters are named as in the official state dict."""

    def __init__(self, config: R2TuningConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or R2TuningConfig()
        self.strict_official = strict_official
        self.adapter = _Adapter(c, strict_official)
        self.pyramid = Pyramid(c.hidden, c.levels)
        self.pooling = Pooling(c.hidden)
        self.class_head = ConvHead(c.hidden, 1)
        self.coord_head = ConvHead(c.hidden, 2) if c.moments else None
        self.coef = nn.Parameter(torch.ones(c.levels))

    def forward(self, video: Tensor, video_mask: Tensor, text: Tensor, text_mask: Tensor) -> R2TuningOutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid."""
        c = self.config
        tokens = video.reshape(*video.shape[:2], c.layers, c.tokens, c.video_dim // (c.layers * c.tokens))
        words = text.reshape(*text.shape[:2], c.layers, c.text_dim // c.layers)
        clips, seen, said = self.adapter(tokens, words, video_mask, text_mask)
        clips = clips.relu()  # officially the first level does so in place, before others see the clips
        levels = self.pyramid(clips if self.strict_official else clips * video_mask[..., None])
        counts = tuple(level.shape[1] for level in levels)
        valid = valid_points(video_mask, counts)
        masks = [None] * len(levels) if self.strict_official else torch.split(valid, list(counts), 1)
        inside = [self.class_head(x, mask) for x, mask in zip(levels, masks, strict=True)]
        ends = None
        if self.coord_head is not None:
            parts = zip(levels, masks, self.coef, strict=False)  # short videos have fewer levels
            ends = torch.cat([self.coord_head(x, mask).exp() * share for x, mask, share in parts], dim=1)
        queries = tuple(self.pooling(each, text_mask) for each in said)
        return R2TuningOutput(
            torch.cat(inside, dim=1).squeeze(-1),
            ends,
            Points.of(counts, c.levels, video.device),
            counts,
            valid,
            clips,
            queries[-1],
            video_mask,
            tuple(seen),
            queries,
        )


class _Adapter(nn.Module):
    """The block that all layers share."""

    def __init__(self, c: R2TuningConfig, strict_official: bool) -> None:
        super().__init__()
        self.config, self.strict_official = c, strict_official
        width = c.video_dim // (c.layers * c.tokens) + (2 if c.ends else 0)
        self.video_map = _mapping(width, c.hidden, c.dropout)
        self.query_map = _mapping(c.text_dim // c.layers, c.hidden, c.dropout)
        if c.layers > 1:
            self.gate = nn.Parameter(torch.zeros(c.layers - 1))
        self.v_map, self.q_map = nn.Linear(c.hidden, c.hidden), nn.Linear(c.hidden, c.hidden)
        self.scale = nn.Parameter(torch.zeros(c.layers))
        self.tem = _Temporal(c)

    def forward(
        self, video: Tensor, text: Tensor, video_mask: Tensor, text_mask: Tensor
    ) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Tokens (B, L, k, P, w) and words (B, T, k, w') -> clips (B, L, d), and those and the words of every layer.

        Layers are given from the last to the first; their clips are the first token of each picture.
        """
        c = self.config
        whole = torch.ones_like(video_mask) if self.strict_official else video_mask
        place = sine_position(whole, c.hidden)
        ends = _ends(whole) if c.ends else None
        unsaid = (text_mask == 0)[:, None, :, None]
        clips: Tensor | None = None
        seen, said = [], []
        for i in reversed(range(c.layers)):
            tokens = video[:, :, i]
            if ends is not None:
                tokens = torch.cat([tokens, ends[:, :, None].expand(-1, -1, c.tokens, -1)], dim=-1)
            tokens = self.video_map(tokens)  # (B, L, P, d)
            words = self.query_map(text[:, :, i])  # (B, T, d)
            seen.append(tokens[:, :, 0])
            said.append(words)
            meant = self.q_map(words)[:, None] @ self.v_map(tokens).transpose(2, 3) / math.sqrt(c.hidden)
            found = meant.softmax(-1) @ tokens + words[:, None]  # (B, L, T, d)
            if not self.strict_official:
                found = found.masked_fill(unsaid, -torch.inf)
            now = seen[-1] + found.amax(2) * self.scale[i].tanh()
            if clips is not None:
                gate = self.gate[i].sigmoid()
                now = gate * now + (1 - gate) * clips
            clips = self.tem(now, words, place, video_mask, text_mask)
        assert clips is not None
        return clips, seen, said


def _ends(mask: Tensor) -> Tensor:
    """Where each clip of (B, L) masks starts and ends, as shares of the video: (B, L, 2)."""
    start = torch.arange(mask.shape[1], device=mask.device) / mask.sum(1, keepdim=True)
    return torch.stack([start, start + 1 / mask.sum(1, keepdim=True)], dim=-1)


def _mapping(width: int, d: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(width),
        nn.Dropout(dropout),
        nn.Linear(width, d),
        nn.ReLU(),
        nn.LayerNorm(d),
        nn.Dropout(dropout),
        nn.Linear(d, d),
    )


class _Temporal(nn.Module):
    """Clips attend to the words, then to each other, and pass a small network, each normalised after."""

    def __init__(self, c: R2TuningConfig) -> None:
        super().__init__()
        d = c.hidden
        self.cross_att, self.self_att = _Attention(d, c.heads), _Attention(d, c.heads)
        self.cross_att_norm, self.self_att_norm, self.ffn_norm = (nn.LayerNorm(d) for _ in range(3))
        self.ffn = _FeedForward(d, c.feedforward)
        self.droppath = DropPath(c.drop_path)

    def forward(self, x: Tensor, words: Tensor, place: Tensor, mask: Tensor, word_mask: Tensor) -> Tensor:
        """Clips (B, L, d) with their places (B, L, d), words (B, T, d), and masks -> (B, L, d)."""
        x = self.cross_att_norm(x + self.droppath(self.cross_att(x + place, words, words, word_mask)))
        at = x + place
        x = self.self_att_norm(x + self.droppath(self.self_att(at, at, x, mask)))
        out: Tensor = self.ffn_norm(x + self.droppath(self.ffn(x)))
        return out


class _Attention(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.m = (nn.Linear(d, d) for _ in range(4))
        for linear in (self.q, self.k, self.v, self.m):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        """(B, L, d), twice (B, S, d), and (B, S), 1 where valid -> (B, L, d)."""
        parts = zip((self.q, self.k, self.v), (query, key, value), strict=True)
        q, k, v = (linear(x).unflatten(2, (self.heads, -1)).transpose(1, 2) for linear, x in parts)
        mixed = scaled_dot_product_attention(q, k, v, attn_mask=(mask > 0)[:, None, None])
        out: Tensor = self.m(mixed.transpose(1, 2).flatten(2))
        return out


class _FeedForward(nn.Module):
    def __init__(self, d: int, inner: int) -> None:
        super().__init__()
        first, last = nn.Linear(d, inner), nn.Linear(inner, d)
        self.mapping = nn.Sequential(first, nn.ReLU(), last)
        for linear in (first, last):
            nn.init.kaiming_normal_(linear.weight, mode="fan_out")
            nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        out: Tensor = self.mapping(x)
        return out
