"""What QD-DETR and those that descend from it begin and end with: two streams, and queries that are anchors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from whenabouts.grounders.learned.detr.dab import inverse_sigmoid
from whenabouts.grounders.learned.detr.layers import MLP, TextPosition, input_projection

__all__ = ["AnchoredConfig", "AnchoredModel"]


@dataclass(frozen=True)
class AnchoredConfig:
    """Sizes as published for QVHighlights with SlowFast and CLIP features; see `MomentDETRConfig`.

    text_layers: in which the text enters the clips
    """

    video_dim: int = 2818
    text_dim: int = 512
    audio_dim: int = 0
    hidden: int = 256
    heads: int = 8
    feedforward: int = 1024
    text_layers: int = 2
    encoder_layers: int = 2
    decoder_layers: int = 2
    queries: int = 10
    projections: int = 2
    words: int = 32
    dropout: float = 0.1
    input_dropout: float = 0.5
    text_positions: bool = False


class AnchoredModel(nn.Module):
    """Projections of clips and words, `transformer`, and heads; parameters are named as in the official state dicts."""

    def __init__(self, c: AnchoredConfig, transformer: nn.Module, *, strict_official: bool) -> None:
        super().__init__()
        self.strict_official = strict_official
        self.transformer: Any = transformer
        self.txt_position_embed = TextPosition(c.words, c.hidden, c.input_dropout)
        self.span_embed = MLP(c.hidden, c.hidden, 2, 3)
        self.class_embed = nn.Linear(c.hidden, 2)
        self.query_embed = nn.Embedding(c.queries, 2)
        self.input_txt_proj = input_projection(c.text_dim, c.hidden, c.projections, c.input_dropout)
        self.input_vid_proj = input_projection(c.video_dim + c.audio_dim, c.hidden, c.projections, c.input_dropout)
        self.places_words = c.text_positions

    def word_position(self, words: Tensor) -> Tensor:
        """Positions of projected words (B, T, d): learnt where the configuration says so, else zeros."""
        embedded: Tensor = self.txt_position_embed(words) if self.places_words else torch.zeros_like(words)
        return embedded

    def found(self, decoded: Tensor, anchors: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and spans (layers, B, Q, 2) of decoded queries (layers, B, Q, d) beside their anchors."""
        return self.class_embed(decoded), (self.span_embed(decoded) + inverse_sigmoid(anchors)).sigmoid()
