"""Moment-DETR (Lei et al. 2021, arXiv:2107.09609): video and words in one encoder, learnt queries in the decoder.

It departs from the official code in nothing that can be measured:
attention runs through torch's fused kernels, and the matching cost of a batch is computed at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from whenabouts.grounders.learned.detr.alignment import add_projections, project
from whenabouts.grounders.learned.detr.criterion import DETROutput
from whenabouts.grounders.learned.detr.head import DETRHead
from whenabouts.grounders.learned.detr.layers import (
    MLP,
    DecoderLayer,
    EncoderLayer,
    TextPosition,
    input_projection,
    sine_position,
)
from whenabouts.grounders.learned.detr.recipes import LIGHTHOUSE, ON_THE_GRID
from whenabouts.grounders.learned.head import State
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["MomentDETR", "MomentDETRConfig", "MomentDETRHead"]


@dataclass(frozen=True)
class MomentDETRConfig:
    """Sizes as published for QVHighlights with SlowFast and CLIP features.

    video_dim counts the two columns of endpoint features that are appended to every clip: [i / L, (i + 1) / L];
    audio_dim counts what follows them: sound, and its own ends where `sound_ends`.
    contrastive is the width in which queries are compared with words in training; 0: they are not.
    """

    video_dim: int = 2818
    text_dim: int = 512
    audio_dim: int = 0
    hidden: int = 256
    heads: int = 8
    feedforward: int = 1024
    encoder_layers: int = 2
    decoder_layers: int = 2
    queries: int = 10
    projections: int = 2
    words: int = 32
    dropout: float = 0.1
    input_dropout: float = 0.5
    text_positions: bool = False
    contrastive: int = 0


class MomentDETR(nn.Module):
    """The model; parameters are named as in the official state dict.

    `strict_official` is taken as by the others, and changes nothing: officially no answer depends on its batch.
    """

    def __init__(self, config: MomentDETRConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or MomentDETRConfig()
        self.transformer = _Transformer(c)
        self.txt_position_embed = TextPosition(c.words, c.hidden, c.input_dropout)
        self.span_embed = MLP(c.hidden, c.hidden, 2, 3)
        self.class_embed = nn.Linear(c.hidden, 2)
        self.query_embed = nn.Embedding(c.queries, c.hidden)
        self.input_txt_proj = input_projection(c.text_dim, c.hidden, c.projections, c.input_dropout)
        self.input_vid_proj = input_projection(c.video_dim + c.audio_dim, c.hidden, c.projections, c.input_dropout)
        self.saliency_proj = nn.Linear(c.hidden, 1)
        add_projections(self, c.hidden, c.contrastive)

    def forward(self, video: Tensor, video_mask: Tensor, text: Tensor, text_mask: Tensor) -> DETROutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid."""
        clips, words = self.input_vid_proj(video), self.input_txt_proj(text)
        sequence = torch.cat([clips, words], dim=1)
        mask = torch.cat([video_mask, text_mask], dim=1).bool()
        word_position = self.txt_position_embed(words) if self.config.text_positions else torch.zeros_like(words)
        position = torch.cat([sine_position(video_mask, self.config.hidden), word_position], dim=1)
        decoded, memory = self.transformer(sequence, mask, self.query_embed.weight, position)
        logits, spans = self.class_embed(decoded), self.span_embed(decoded).sigmoid()
        seen, read = memory[:, : clips.shape[1]], memory[:, clips.shape[1] :]
        saliency = self.saliency_proj(seen).squeeze(-1)
        earlier = tuple(zip(logits[:-1], spans[:-1], strict=True))
        projected = project(self, decoded, seen, read)
        return DETROutput(logits[-1], spans[-1], saliency, earlier, projected=projected)


class _Encoder(nn.Module):
    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)


class _Decoder(nn.Module):
    def __init__(self, layers: list[nn.Module], d: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.norm = nn.LayerNorm(d)


class _Transformer(nn.Module):
    def __init__(self, c: MomentDETRConfig) -> None:
        super().__init__()
        sizes = (c.hidden, c.heads, c.feedforward, c.dropout)
        self.encoder = _Encoder([EncoderLayer(*sizes) for _ in range(c.encoder_layers)])
        self.decoder = _Decoder([DecoderLayer(*sizes) for _ in range(c.decoder_layers)], c.hidden)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(self, x: Tensor, mask: Tensor, queries: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        """Decoded queries of every layer (layers, B, Q, d) and the memory (B, L + T, d)."""
        for layer in self.encoder.layers:
            x = layer(x, position, mask)
        query = queries.expand(x.shape[0], -1, -1)
        content, decoded = torch.zeros_like(query), []
        for layer in self.decoder.layers:
            content = layer(content, query, x, position, mask)
            decoded.append(self.decoder.norm(content))
        return torch.stack(decoded), x


class MomentDETRHead(DETRHead):
    """Moment-DETR."""

    name, paper = "moment-detr", "2107.09609"
    config_class, model_class = MomentDETRConfig, MomentDETR
    recipes: ClassVar[Mapping[str, Recipe]] = {
        **LIGHTHOUSE,
        "qvhighlights": Recipe(
            schedule="step",
            drop=400,
            patience=200,
            options=ON_THE_GRID,
            source="moment_detr/scripts/train.sh, moment_detr/config.py",
        ),
    }

    @staticmethod
    def recognises(state: State) -> bool:
        """Saliency is one projection of the memory."""
        return "saliency_proj.weight" in state and "query_embed.weight" in state
