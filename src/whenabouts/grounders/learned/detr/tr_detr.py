"""TR-DETR (Sun et al. 2024, arXiv:2401.02309): moments and highlights refine each other.

Scores of highlights weigh what the clips add to the memory that moments are found in, and what the best moment shows
weighs the memory that the highlights are scored by. Before that, clips are fused with the words as in VSLNet
(arXiv:2004.13931), and enter QD-DETR's layers without its global token.

Officially padding takes part in four places: in means of clips and words, in the softmax of highlight scores, in where
the best moment lies, and in what is read of it; and one attention mask is ordered by heads where it should go by items,
as in QD-DETR. An answer so depends on its batch; here items are independent, and `strict_official` brings that back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.detr.anchored import AnchoredConfig, AnchoredModel
from whenabouts.grounders.learned.detr.batch import padded_rows
from whenabouts.grounders.learned.detr.dab import AnchorDecoder
from whenabouts.grounders.learned.detr.head import SMALL_DETR, DETRHead, family_sizes
from whenabouts.grounders.learned.detr.layers import (
    CrossLayer,
    Dropout,
    EncoderLayer,
    Layers,
    PReLU,
    sine_position,
)
from whenabouts.grounders.learned.detr.official import layers
from whenabouts.grounders.learned.detr.recipes import HIGHLIGHTS_ALONE, LIGHTHOUSE, ON_THE_GRID
from whenabouts.grounders.learned.detr.spans import start_end
from whenabouts.grounders.learned.detr.tr_criterion import TRDETROutput, TRDETRTargets, tr_detr_losses
from whenabouts.grounders.learned.head import State
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["TRDETR", "TRDETRConfig", "TRDETRHead"]

FUSION_DROPOUT = 0.1  # in every configuration


@dataclass(frozen=True)
class TRDETRConfig(AnchoredConfig):
    """As of the family; officially `text_layers` are as many as there are encoder layers."""


class TRDETR(AnchoredModel):
    """The model."""

    def __init__(self, config: TRDETRConfig | None = None, *, strict_official: bool = False) -> None:
        c = config or TRDETRConfig()
        super().__init__(c, _Transformer(c, strict_official), strict_official=strict_official)
        self.config = c
        self.saliency_proj1 = nn.Linear(c.hidden, c.hidden)
        self.fuser = _Fuser(c.hidden)
        self.gru_extractor = _GRU(c.hidden)

    def forward(self, video: Tensor, video_mask: Tensor, text: Tensor, text_mask: Tensor) -> TRDETROutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid."""
        clips, words = self.input_vid_proj(video), self.input_txt_proj(text)
        valid, text_valid = video_mask.bool(), text_mask.bool()
        counted, text_counted = valid, text_valid
        if self.strict_official:
            counted, text_counted = torch.ones_like(valid), torch.ones_like(text_valid)

        position = sine_position(video_mask, self.config.hidden)
        fused = self.fuser(clips, words, valid, text_valid)
        word_position = self.word_position(words)
        for layer in self.transformer.t2v_encoder.layers:
            fused = layer(fused, position, valid, words, word_position, text_valid)
        memory = self.transformer.encode(fused, position, valid)
        weight = self._saliency(memory).masked_fill(~counted, -torch.inf).softmax(-1)
        memory = self.transformer.encode(memory + fused * weight[..., None], position, valid)

        decoded, anchors = self.transformer.decoder(memory, position, valid, self.query_embed.weight)
        logits, spans = self.found(decoded, anchors)

        best = spans[-1][torch.arange(len(spans[-1]), device=spans.device), logits[-1].softmax(-1)[..., 0].argmax(-1)]
        shown = self.gru_extractor(*_read(clips, best, counted.sum(1)))
        memory = memory * (1 + (clips * shown[:, None]).sum(-1, keepdim=True))
        return TRDETROutput(
            logits[-1],
            spans[-1],
            self._saliency(memory),
            tuple(zip(logits[:-1], spans[:-1], strict=True)),
            mask=video_mask,
            clips=clips,
            words=words,
            clip_mean=_mean(clips, counted),
            word_mean=_mean(words, text_counted),
            word_mask=text_mask,
        )

    def _saliency(self, memory: Tensor) -> Tensor:
        """(B, L, d) -> (B, L)."""
        scores: Tensor = self.saliency_proj1(memory).sum(-1) / math.sqrt(self.config.hidden)
        return scores


def _mean(x: Tensor, counted: Tensor) -> Tensor:
    """Of (B, N, d) over what is counted (B, N): (B, d)."""
    return (x * counted[..., None]).sum(1) / counted.sum(1, keepdim=True)


def _read(clips: Tensor, span: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Clips (B, L, d) of a span (B, 2), from its first on and zeros after its last, and the lengths (B,) to read.

    A span that starts before the video counts from its end, as a negative index does: officially that reads nothing,
    or its last clips where the span goes on to its end.
    """
    ends = (start_end(span) * lengths[:, None]).floor().long() + torch.arange(2, device=span.device)
    first, stop = torch.where(ends < 0, (ends + lengths[:, None]).clamp(min=0), ends).unbind(-1)
    row = first[:, None] + torch.arange(clips.shape[1], device=span.device)
    inside = row < torch.minimum(stop, lengths)[:, None]
    rows = row.clamp(max=clips.shape[1] - 1)[..., None].expand(-1, -1, clips.shape[2])
    return clips.gather(1, rows) * inside[..., None], lengths


class _GRU(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.gru = nn.GRU(d, d, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, L, d) -> its state after so many steps (B, d)."""
        states: Tensor = self.gru(x)[0]
        return states[torch.arange(len(x), device=x.device), lengths - 1]


class _Convolution(nn.Module):
    """A linear layer, in the form of the official state dict."""

    def __init__(self, size_in: int, size_out: int) -> None:
        super().__init__()
        self.conv1d = nn.Conv1d(size_in, size_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, in) -> (B, L, out)."""
        out: Tensor = self.conv1d(x.transpose(1, 2)).transpose(1, 2)
        return out


def _weight(*shape: int) -> nn.Parameter:
    return nn.Parameter(nn.init.xavier_uniform_(torch.empty(*shape)))


class _Attention(nn.Module):
    """What every clip takes from the words, and through them from other clips."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.w4C, self.w4Q, self.w4mlu = _weight(d, 1), _weight(d, 1), _weight(1, 1, d)
        self.dropout = Dropout(FUSION_DROPOUT)
        self.cqa_linear = _Convolution(4 * d, d)

    def forward(self, clips: Tensor, words: Tensor, valid: Tensor, word_valid: Tensor) -> Tensor:
        """(B, L, d), (B, T, d) and masks -> (B, L, d)."""
        c, w = self.dropout(clips), self.dropout(words)
        scores = c @ self.w4C + (w @ self.w4Q).transpose(1, 2) + (c * self.w4mlu) @ w.transpose(1, 2)
        to_words = scores.masked_fill(~word_valid[:, None], -torch.inf).softmax(2)
        to_clips = scores.masked_fill(~valid[..., None], -torch.inf).softmax(1)
        said = to_words @ words
        shared = to_words @ to_clips.transpose(1, 2) @ clips
        out: Tensor = self.cqa_linear(torch.cat([clips, said, clips * said, clips * shared], dim=2))
        return out


class _Pool(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.weight = _weight(d, 1)


class _Concatenation(nn.Module):
    """The whole text beside every clip."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.weighted_pool = _Pool(d)
        self.conv1d = _Convolution(2 * d, d)

    def forward(self, clips: Tensor, words: Tensor, word_valid: Tensor) -> Tensor:
        """(B, L, d), (B, T, d) and the mask of words -> (B, L, d)."""
        share = (words @ self.weighted_pool.weight).masked_fill(~word_valid[..., None], -torch.inf).softmax(1)
        text = (share * words).sum(1, keepdim=True).expand_as(clips)
        out: Tensor = self.conv1d(torch.cat([clips, text], dim=2))
        return out


class _Fuser(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.cq_attention, self.cq_concat = _Attention(d), _Concatenation(d)

    def forward(self, clips: Tensor, words: Tensor, valid: Tensor, word_valid: Tensor) -> Tensor:
        """(B, L, d), (B, T, d) and masks -> (B, L, d)."""
        fused: Tensor = self.cq_concat(self.cq_attention(clips, words, valid, word_valid), words, word_valid)
        return fused.relu()


class _Transformer(nn.Module):
    def __init__(self, c: TRDETRConfig, strict_official: bool) -> None:
        super().__init__()
        sizes = (c.hidden, c.heads, c.feedforward, c.dropout)
        self.t2v_encoder = Layers(CrossLayer(*sizes, strict_official=strict_official) for _ in range(c.text_layers))
        self.encoder = Layers(EncoderLayer(*sizes, activation=PReLU) for _ in range(c.encoder_layers))
        self.decoder = AnchorDecoder(c.hidden, c.heads, c.feedforward, c.decoder_layers, c.dropout)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def encode(self, x: Tensor, position: Tensor, valid: Tensor) -> Tensor:
        """(B, L, d) content and positions, (B, L) mask -> (B, L, d)."""
        for layer in self.encoder.layers:
            x = layer(x, position, valid)
        return x


RECIPE = Recipe(
    schedule="step",
    drop=400,
    patience=200,
    seed=2017,
    options=ON_THE_GRID,
    source="tr_detr/scripts/train.sh, tr_detr/config.py",
)
SOUND: Mapping[str, Any] = {"config": {"audio_dim": 2050}, "options": {"sound_ends": True}}  # PANN; rows have own ends
TVSUM = RECIPE.changed(
    rate=1e-3,
    batch=4,
    epochs=2000,
    drop=2000,
    patience=None,
    best="mAP",
    seed=2018,
    config={"video_dim": 2050},
    options=HIGHLIGHTS_ALONE | {"longest": 1000, "vtc": 0.5, "ctc": 2.0},
    source="tr_detr/scripts/tvsum/train_tvsum.sh, tr_detr/config.py",
    unlike={"seed": "left open"},
)


class TRDETRHead(DETRHead):
    """TR-DETR.

    vtc, ctc: weights of the losses that align videos with texts, and clips with their text
    """

    name, paper = "tr-detr", "2401.02309"
    config_class, model_class = TRDETRConfig, TRDETR
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "qvhighlights": RECIPE,
        "qvhighlights/audio": RECIPE.changed(
            **SOUND, source="tr_detr/scripts/train_audio.sh, tr_detr/config.py"
        ).changed(options={"ctc": 0.3}),
        **{name: recipe for name, recipe in LIGHTHOUSE.items() if name != "qvhighlights"},
        # of highlights alone Lighthouse trains without the two
        "youtube-highlights": LIGHTHOUSE["youtube-highlights"].changed(options={"vtc": 0.0, "ctc": 0.0}),
        "tvsum": TVSUM,
        "tvsum/audio": TVSUM.changed(
            **SOUND,
            source="tr_detr/scripts/tvsum/train_tvsum_audio.sh, tr_detr/config.py",
            unlike={
                "seed": "0, 1, 2, 3, 2017, 4396, 2023 and 42, one run each",
                "vtc": "0.3, 0.5, 0.7 and 1, one run each",
                "ctc": "0.3, 0.5, 0.7 and 1, one run each",
            },
        ),
    }
    small: ClassVar[Recipe] = SMALL_DETR.changed(options={"saliency": 4.0})
    batch_leaks = True

    def __init__(self, config: Any = None, *, vtc: float = 0.3, ctc: float = 0.5, **options: Any) -> None:
        super().__init__(config, **options)
        self.options |= {"vtc": vtc, "ctc": ctc}
        self.weighting |= {"loss_vtc": vtc, "loss_ctc": ctc}

    @staticmethod
    def recognises(state: State) -> bool:
        """A recurrent layer reads the best moment."""
        return "gru_extractor.gru.weight_ih_l0" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The family's, and how many layers the text takes to enter the clips."""
        return family_sizes(state, options) | {"text_layers": layers(state, "transformer.t2v_encoder")}

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The family's, and the weights of the two alignments."""
        weights = {name: options.get(f"{name.upper()}_loss_coef") for name in ("vtc", "ctc")}
        return super().settings(state, options) | {k: float(v) for k, v in weights.items() if v is not None}

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> TRDETRTargets:
        """The family's, and the clips of the moments."""
        inside = padded_rows([e.inside() for e in examples])
        return TRDETRTargets(**vars(super().targets(examples, rng)), inside=inside)

    def unweighted(self, output: TRDETROutput, targets: TRDETRTargets) -> dict[str, Tensor]:
        """Losses of the official criterion, by their official names, and those that align video and text."""
        return tr_detr_losses(output, targets)
