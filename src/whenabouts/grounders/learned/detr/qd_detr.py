"""QD-DETR (Moon et al. 2023, arXiv:2303.13874): the text enters every clip by cross-attention before encoding.

A global token collects the video for the saliency of its clips, and a pass with another query's text teaches what low
saliency is. The official code orders one attention mask by heads where it should go by items, so that an answer
depends on its batch; here items are independent, and `strict_official` brings the order back. The pass with negatives
runs in training only; under `strict_official` always, as officially.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from whenabouts.grounders.learned.detr.alignment import add_projections, project
from whenabouts.grounders.learned.detr.anchored import AnchoredConfig, AnchoredModel
from whenabouts.grounders.learned.detr.criterion import DETROutput, DETRTargets
from whenabouts.grounders.learned.detr.dab import AnchorDecoder
from whenabouts.grounders.learned.detr.head import DETRHead
from whenabouts.grounders.learned.detr.layers import (
    CrossLayer,
    EncoderLayer,
    Layers,
    PReLU,
    sine_position,
)
from whenabouts.grounders.learned.detr.official import layers
from whenabouts.grounders.learned.detr.recipes import HIGHLIGHTS_ALONE, LIGHTHOUSE, ON_THE_GRID
from whenabouts.grounders.learned.head import State
from whenabouts.grounders.learned.products import Linear
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["QDDETR", "QDDETRConfig", "QDDETRHead"]


@dataclass(frozen=True)
class QDDETRConfig(AnchoredConfig):
    """As of the family.

    contrastive: width of the projections that the contrastive alignment compares; 0 for none
    """

    contrastive: int = 0


class QDDETR(AnchoredModel):
    """The model."""

    def __init__(self, config: QDDETRConfig | None = None, *, strict_official: bool = False) -> None:
        c = config or QDDETRConfig()
        super().__init__(c, _Transformer(c, strict_official), strict_official=strict_official)
        self.config = c
        self.saliency_proj1, self.saliency_proj2 = Linear(c.hidden, c.hidden), Linear(c.hidden, c.hidden)
        self.global_rep_token = nn.Parameter(torch.randn(c.hidden))
        self.global_rep_pos = nn.Parameter(torch.randn(c.hidden))
        add_projections(self, c.hidden, c.contrastive)

    def forward(
        self, video: Tensor, video_mask: Tensor, text: Tensor, text_mask: Tensor, *, negatives: bool | None = None
    ) -> DETROutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid.

        `negatives` asks for the pass with the next item's words; None runs it in training alone.
        """
        if negatives is None:
            negatives = self.training or self.strict_official
        clips, words = self.input_vid_proj(video), self.input_txt_proj(text)
        video_valid, text_valid = video_mask.bool(), text_mask.bool()
        position = sine_position(video_mask, self.config.hidden)
        word_position = self.word_position(words)
        whole, memory = self._encode(clips, video_valid, words, text_valid, position, word_position)
        decoded, anchors = self.transformer.decoder(memory, position, video_valid, self.query_embed.weight)
        logits, spans = self.found(decoded, anchors)
        negative = None
        if negatives:
            other, other_valid = words.roll(-1, 0), text_valid.roll(-1, 0)
            # positions stay those of the own words, as officially
            negative = self._saliency(*self._encode(clips, video_valid, other, other_valid, position, word_position))
        earlier = tuple(zip(logits[:-1], spans[:-1], strict=True))
        saliency = self._saliency(whole, memory)
        return DETROutput(
            logits[-1],
            spans[-1],
            saliency,
            earlier,
            saliency_scores_neg=negative,
            mask=video_mask,
            projected=project(self, decoded, memory, memory[:, clips.shape[1] :]),
        )

    def _encode(
        self,
        clips: Tensor,
        video_valid: Tensor,
        words: Tensor,
        text_valid: Tensor,
        position: Tensor,
        word_position: Tensor,
    ) -> tuple[Tensor, Tensor]:
        for layer in self.transformer.t2v_encoder.layers:
            clips = layer(clips, position, video_valid, words, word_position, text_valid)
        batch = len(clips)
        sequence = torch.cat([self.global_rep_token.expand(batch, 1, -1), clips], dim=1)
        places = torch.cat([self.global_rep_pos.expand(batch, 1, -1), position], dim=1)
        valid = torch.cat([torch.ones_like(video_valid[:, :1]), video_valid], dim=1)
        for layer in self.transformer.encoder.layers:
            sequence = layer(sequence, places, valid)
        return sequence[:, 0], sequence[:, 1:]

    def _saliency(self, whole: Tensor, memory: Tensor) -> Tensor:
        """The agreement of every clip with the whole: (B, d), (B, L, d) -> (B, L)."""
        product: Tensor = self.saliency_proj1(memory) * self.saliency_proj2(whole)[:, None]
        return product.sum(-1) / math.sqrt(self.config.hidden)


class _Transformer(nn.Module):
    def __init__(self, c: QDDETRConfig, strict_official: bool) -> None:
        super().__init__()
        sizes = (c.hidden, c.heads, c.feedforward, c.dropout)
        self.t2v_encoder = Layers(CrossLayer(*sizes, strict_official=strict_official) for _ in range(c.text_layers))
        self.encoder = Layers(EncoderLayer(*sizes, activation=PReLU) for _ in range(c.encoder_layers))
        self.decoder = AnchorDecoder(c.hidden, c.heads, c.feedforward, c.decoder_layers, c.dropout)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1 and not name.startswith("decoder.bbox_embed.layers.2"):
                nn.init.xavier_uniform_(parameter)


RECIPE = Recipe(
    schedule="step",
    drop=400,
    patience=200,
    options=ON_THE_GRID,
    source="qd_detr/scripts/train.sh, qd_detr/config.py",
)
TVSUM = RECIPE.changed(
    rate=1e-3,
    batch=4,
    epochs=2000,
    drop=2000,
    patience=None,
    best="mAP",
    seed=0,  # of 0, 1, 2, 3 and 2017, for each of the ten domains
    config={"video_dim": 2050},
    options=HIGHLIGHTS_ALONE | {"longest": 1000},
    source="qd_detr/scripts/tvsum/train_tvsum.sh, qd_detr/config.py",
    unlike={"seed": "0, 1, 2, 3 and 2017, one run each"},
)


class QDDETRHead(DETRHead):
    """QD-DETR."""

    name, paper = "qd-detr", "2303.13874"
    config_class, model_class = QDDETRConfig, QDDETR
    recipes: ClassVar[Mapping[str, Recipe]] = {
        **LIGHTHOUSE,
        "qvhighlights": RECIPE,
        "qvhighlights/audio": RECIPE.changed(  # PANN, of which each row has its own ends
            config={"audio_dim": 2050},
            options={"sound_ends": True},
            source="qd_detr/scripts/train_audio.sh, qd_detr/config.py",
        ),
        "tvsum": TVSUM,
        "tvsum/audio": TVSUM.changed(
            config={"audio_dim": 2050},
            options={"sound_ends": True},
            source="qd_detr/scripts/tvsum/train_tvsum_audio.sh, qd_detr/config.py",
        ),
    }
    batch_leaks = True

    @staticmethod
    def recognises(state: State) -> bool:
        """One global token, and neither dummies nor prototypes."""
        return "global_rep_token" in state and "dummy_rep_token" not in state and "CIM.txt_mu" not in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The family's, and how many layers the text takes to enter the clips."""
        return super().sizes(state, options) | {"text_layers": layers(state, "transformer.t2v_encoder")}

    def predict(self, inputs: tuple[Tensor, ...], targets: DETRTargets) -> DETROutput:
        """The output with the pass with negatives, which always runs."""
        output: DETROutput = self.model(*inputs, negatives=True)
        return output
