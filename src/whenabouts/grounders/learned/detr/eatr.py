"""EaTR (Jang et al. 2023, arXiv:2308.06947): queries begin as the events of this video, which slots compete to explain.

Slots attend to the clips; what each gathers is a query, and the span that it predicts is the query's first anchor. The
first decoder layer lets the sentence in through a gate. In training the events are matched with pseudo events.

Officially padding takes part in three places, so that an answer depends on its batch: padded clips are shared evenly
among the slots, padded words can hold the maximum that stands for the sentence, and pseudo events reach into padding.
Here none of it does, and `strict_official` brings it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.alignment import add_projections, alignment_width, project
from whenabouts.grounders.learned.detr.criterion import DETROutput, detr_losses
from whenabouts.grounders.learned.detr.dab import AnchorLayer, anchor_sine, inverse_sigmoid
from whenabouts.grounders.learned.detr.eatr_criterion import (
    LOSS_WEIGHTS,
    EaTRTargets,
    event_losses,
    pseudo_events,
)
from whenabouts.grounders.learned.detr.head import DETRHead
from whenabouts.grounders.learned.detr.layers import (
    MLP,
    Attention,
    Dropout,
    EncoderLayer,
    TextPosition,
    input_projection,
    sine_position,
)
from whenabouts.grounders.learned.detr.official import layers, projection_sizes
from whenabouts.grounders.learned.detr.recipes import LIGHTHOUSE, ON_THE_GRID
from whenabouts.grounders.learned.head import Prepared, State
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["EaTR", "EaTRConfig", "EaTRHead", "EaTROutput"]

GATE_DROPOUT = 0.1  # of the attention at the gate, in every configuration
SLOTS = "transformer.decoder.slot_atten.slots"


@dataclass(frozen=True)
class EaTRConfig:
    """Sizes as published for QVHighlights with SlowFast and CLIP features; see `MomentDETRConfig`.

    rounds: how often slots attend to the clips
    """

    video_dim: int = 2818
    text_dim: int = 512
    audio_dim: int = 0
    hidden: int = 256
    heads: int = 8
    feedforward: int = 1024
    encoder_layers: int = 3
    decoder_layers: int = 3
    queries: int = 10
    rounds: int = 3
    projections: int = 2
    words: int = 32
    dropout: float = 0.1
    input_dropout: float = 0.5
    text_positions: bool = False
    contrastive: int = 0


@dataclass(frozen=True)
class EaTROutput(DETROutput):
    """What the family gives, and the `events` (B, Q, 2) that queries began as: centre and width in [0, 1]."""

    events: Tensor | None = None


class EaTR(nn.Module):
    """The model; parameters are named as in the official state dict."""

    def __init__(self, config: EaTRConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or EaTRConfig()
        self.strict_official = strict_official
        self.transformer = _Transformer(c, strict_official)
        self.txt_position_embed = TextPosition(c.words, c.hidden, c.input_dropout)
        self.input_txt_proj = input_projection(c.text_dim, c.hidden, c.projections, c.input_dropout)
        self.input_vid_proj = input_projection(c.video_dim + c.audio_dim, c.hidden, c.projections, c.input_dropout)
        self.saliency_proj = nn.Linear(c.hidden, 1)
        self.event_span_embed, self.moment_span_embed = (MLP(c.hidden, c.hidden, 2, 3) for _ in range(2))
        for parameter in (
            *self.event_span_embed.layers[-1].parameters(),
            *self.moment_span_embed.layers[-1].parameters(),
        ):
            nn.init.zeros_(parameter)
        self.class_embed = nn.Linear(c.hidden, 2)
        # the decoder moves its anchors with the same modules, and official files name them twice
        self.transformer.decoder.event_span_embed = self.event_span_embed
        self.transformer.decoder.moment_span_embed = self.moment_span_embed
        add_projections(self, c.hidden, c.contrastive)

    def forward(self, video: Tensor, video_mask: Tensor, text: Tensor, text_mask: Tensor) -> EaTROutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid."""
        clips, words = self.input_vid_proj(video), self.input_txt_proj(text)
        hidden_words = torch.zeros_like(text_mask) if self.strict_official else 1 - text_mask
        sentence = words.masked_fill(hidden_words[..., None].bool(), -torch.inf).amax(1, keepdim=True)
        place = sine_position(video_mask, self.config.hidden)
        word_place = self.txt_position_embed(words) if self.config.text_positions else torch.zeros_like(words)
        memory, position = torch.cat([clips, words], dim=1), torch.cat([place, word_place], dim=1)
        mask = torch.cat([video_mask, text_mask], dim=1).bool()
        for layer in self.transformer.encoder.layers:
            memory = layer(memory, position, mask)
        slots, decoded, anchors = self.transformer.decoder(clips + place, video_mask, sentence, memory, position, mask)
        logits = self.class_embed(decoded)
        spans = (self.moment_span_embed(decoded) + inverse_sigmoid(anchors)).sigmoid()
        seen, read = memory[:, : clips.shape[1]], memory[:, clips.shape[1] :]
        saliency = self.saliency_proj(seen).squeeze(-1)
        earlier = tuple(zip(logits[:-1], spans[:-1], strict=True))
        events = self.event_span_embed(slots).sigmoid()
        projected = project(self, decoded, seen, read)
        return EaTROutput(logits[-1], spans[-1], saliency, earlier, projected=projected, events=events)


class _Slots(nn.Module):
    """Slots compete for clips: attention is shared among slots first, and then weighed over clips."""

    def __init__(self, c: EaTRConfig, strict_official: bool) -> None:
        super().__init__()
        d = c.hidden
        self.rounds, self.strict_official = c.rounds, strict_official
        self.norm_inputs, self.norm_slots = nn.LayerNorm(d), nn.LayerNorm(d)
        self.norm_mlp, self.norm_out = nn.LayerNorm(d), nn.LayerNorm(d)
        self.slots = nn.Parameter(torch.empty(c.queries, d))
        self.project_q, self.project_k, self.project_v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.mlp = MLP(d, d, d, 2)

    def forward(self, clips: Tensor, mask: Tensor) -> Tensor:
        """Clips with positions (B, L, d) and their mask (B, L) -> (B, Q, d)."""
        clips = self.norm_inputs(clips)
        keys, values = self.project_k(clips), self.project_v(clips)
        slots = self.slots.expand(len(clips), -1, -1)
        valid = mask[:, None]
        for _ in range(self.rounds):
            scores = self.project_q(self.norm_slots(slots)) @ keys.transpose(1, 2) * slots.shape[-1] ** -0.5
            if self.strict_official:  # padding is as much everybody's
                share = scores.masked_fill(valid == 0, torch.finfo(scores.dtype).min).softmax(1)
            else:
                share = scores.softmax(1) * valid
            slots = slots + share / (share.sum(-1, keepdim=True) + 1e-8) @ values
            slots = slots + self.mlp(self.norm_mlp(slots))
        out: Tensor = self.norm_out(slots)
        return out


class _GatedLayer(AnchorLayer):
    """The first layer: between the two attentions the sentence comes in, as much as it agrees with a query."""

    def __init__(self, c: EaTRConfig) -> None:
        super().__init__(c.hidden, c.heads, c.feedforward, c.dropout, first=True, activation=nn.ReLU)
        self.gate_cross_attn = Attention(c.hidden, 1, GATE_DROPOUT)
        self.gate_self_attn = Attention(c.hidden, 1, GATE_DROPOUT)
        self.gate_linear, self.gate_norm = nn.Linear(c.hidden, c.hidden), nn.LayerNorm(c.hidden)
        self.gate_dropout = Dropout(c.dropout)

    def gated(self, x: Tensor, sentence: Tensor) -> Tensor:
        """Queries (B, Q, d) and the sentence (B, 1, d) -> (B, Q, d)."""
        told = self.gate_cross_attn(x, sentence, sentence)
        gate = (x * told).sigmoid()
        told = x + told
        told = self.gate_self_attn(told, told, told)
        out: Tensor = self.gate_norm(self.gate_dropout(self.gate_linear(gate * told).relu()) + x)
        return out


class _Decoder(nn.Module):
    event_span_embed: MLP
    moment_span_embed: MLP

    def __init__(self, c: EaTRConfig, strict_official: bool) -> None:
        super().__init__()
        d = c.hidden
        self.slot_atten = _Slots(c, strict_official)
        later = (
            AnchorLayer(d, c.heads, c.feedforward, c.dropout, first=False, activation=nn.ReLU)
            for _ in range(c.decoder_layers - 1)
        )
        self.layers = nn.ModuleList([_GatedLayer(c), *later])
        self.norm, self.event_norm = nn.LayerNorm(d), nn.LayerNorm(d)
        self.ref_point_head = MLP(2 * d, d, d, 2)
        self.query_scale = MLP(d, d, d, 2)
        self.ref_anchor_head = MLP(d, d, 1, 2)

    def forward(
        self, clips: Tensor, clip_mask: Tensor, sentence: Tensor, memory: Tensor, position: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Clips with positions (B, L, d), the sentence (B, 1, d), memory and positions (B, L + T, d), with masks.

        Returns the slots (B, Q, d), what each layer decoded (layers, B, Q, d) and the anchors that entered it
        (layers, B, Q, 2).
        """
        content = self.slot_atten(clips, clip_mask)
        slots = self.event_norm(content)
        entered, decoded = [self.event_span_embed(content).sigmoid()], []
        for number, layer in enumerate(self.layers):
            anchors = entered[-1].detach()  # the heads learn through it, the layer does not
            sine = anchor_sine(anchors, 2 * content.shape[-1])
            query = self.ref_point_head(sine)
            width = self.ref_anchor_head(content).sigmoid() / anchors[..., 1:]
            sine = sine[..., : content.shape[-1]] * self.query_scale(content) * width
            assert isinstance(layer, AnchorLayer)
            content = layer.confer(content, query)
            if isinstance(layer, _GatedLayer):
                content = layer.gated(content, sentence)
            content = layer.look(content, query, sine, memory, position, mask)
            decoded.append(self.norm(content))
            if number < len(self.layers) - 1:
                entered.append((self.moment_span_embed(content) + inverse_sigmoid(anchors)).sigmoid())
        return slots, torch.stack(decoded), torch.stack(entered)


class _Encoder(nn.Module):
    def __init__(self, c: EaTRConfig) -> None:
        super().__init__()
        sizes = (c.hidden, c.heads, c.feedforward, c.dropout)
        self.layers = nn.ModuleList(EncoderLayer(*sizes) for _ in range(c.encoder_layers))


class _Transformer(nn.Module):
    def __init__(self, c: EaTRConfig, strict_official: bool) -> None:
        super().__init__()
        self.encoder, self.decoder = _Encoder(c), _Decoder(c, strict_official)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)


RECIPE = Recipe(
    schedule="step",
    drop=150,
    every=1,
    patience=200,
    seed=429,
    options=ON_THE_GRID,
    source="EaTR scripts/train.sh, config.py",
)
SHALLOW = {
    name: recipe.changed(config={"encoder_layers": 2, "decoder_layers": 2}) for name, recipe in LIGHTHOUSE.items()
}


class EaTRHead(DETRHead):
    """EaTR. Its authors publish a recipe for QVHighlights alone; Lighthouse's models are shallower."""

    name, paper = "eatr", "2308.06947"
    config_class, model_class = EaTRConfig, EaTR
    loss_weights: ClassVar[Mapping[str, float]] = LOSS_WEIGHTS
    recipes: ClassVar[Mapping[str, Recipe]] = {
        **SHALLOW,
        "qvhighlights": RECIPE,
        "qvhighlights/lighthouse": SHALLOW["qvhighlights"],
    }
    batch_leaks = True

    @staticmethod
    def recognises(state: State) -> bool:
        """Slots that become queries."""
        return SLOTS in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The family's, and those of slots; refuses spans as classes of clips (`span_loss_type` ce)."""
        outputs = len(state["moment_span_embed.layers.2.bias"])
        if outputs != 2:
            raise ModelError(
                f"predicts the clips where moments start and end ({outputs} numbers a query), as classes and not as "
                "spans (span_loss_type ce), whose official decoding does not run; take one trained with l1"
            )
        return projection_sizes(state, options) | {
            "encoder_layers": layers(state, "transformer.encoder"),
            "decoder_layers": layers(state, "transformer.decoder"),
            "queries": len(state[SLOTS]),
            "rounds": int(options.get("num_slot_iter", 3)),
            "text_positions": bool(options.get("use_txt_pos", False)),
            "contrastive": alignment_width(state),
        }

    def prepare(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> Prepared:
        """As of any head; pseudo events are found in the clips, before these go to a device."""
        batch, targets = self.collate(examples), self.targets(examples, rng)
        events = pseudo_events(batch.video, batch.video_mask, strict_official=self.options["strict_official"])
        return Prepared(batch, EaTRTargets(**vars(targets), events=events))

    def unweighted(self, output: EaTROutput, targets: EaTRTargets) -> dict[str, Tensor]:
        """Losses of the official criterion, by their official names."""
        assert output.events is not None
        losses = detr_losses(output, targets) | event_losses(output.events, targets.events)
        # officially the alignment of earlier layers has no weight
        return {name: value for name, value in losses.items() if not name.startswith("loss_contrastive_align_")}
