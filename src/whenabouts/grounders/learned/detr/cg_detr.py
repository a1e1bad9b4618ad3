"""CG-DETR (Moon et al. 2023, arXiv:2311.08835): how well a sentence describes each clip guides the attention.

Dummy tokens stand before the words and draw the attention of clips that the sentence does not describe; only what the
words receive enters a clip. A saliency token, mixed from learnt prompts, scores how salient clips are.

As in QD-DETR the official code orders one attention mask by heads where it should go by items, so that an answer
depends on its batch; here items are independent, and `strict_official` brings the order back. The pass with another
query's text runs in training only; under `strict_official` always, as officially.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.alignment import add_projections, project
from whenabouts.grounders.learned.detr.cg_criterion import (
    LOSS_WEIGHTS,
    Alignment,
    CGDETROutput,
    CGDETRTargets,
    Neighbours,
    cg_detr_losses,
)
from whenabouts.grounders.learned.detr.criterion import DETRTargets
from whenabouts.grounders.learned.detr.dab import AnchorDecoder, OutProjection, inverse_sigmoid, split_heads
from whenabouts.grounders.learned.detr.head import SMALL_DETR, DETRHead
from whenabouts.grounders.learned.detr.layers import (
    MLP,
    Dropout,
    DropPath,
    EncoderLayer,
    InputProjection,
    PReLU,
    TextPosition,
    input_projection,
    sine_position,
)
from whenabouts.grounders.learned.detr.official import layers
from whenabouts.grounders.learned.detr.recipes import HIGHLIGHTS_ALONE, LIGHTHOUSE, ON_TEST, ON_THE_GRID
from whenabouts.grounders.learned.head import State
from whenabouts.grounders.learned.products import Linear
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["CGDETR", "AdaptiveEncoder", "CGDETRConfig", "CGDETRHead", "SkippingEncoder", "source_video"]

TOKEN_HEADS, TOKEN_DROPOUT = 8, 0.1  # of the encoders of text alone, in every configuration


@dataclass(frozen=True)
class CGDETRConfig:
    """Sizes as published for QVHighlights with SlowFast and CLIP features; see `MomentDETRConfig`.

    dummies:     tokens that draw attention from the words
    prompts:     how many of `all_prompts` learnt prompts make the saliency token
    text_layers: attention of clips to words; dummy_, sentence_ and moment_layers: encoders of those tokens
    """

    video_dim: int = 2818
    text_dim: int = 512
    audio_dim: int = 0
    hidden: int = 256
    heads: int = 8
    feedforward: int = 1024
    text_layers: int = 2
    encoder_layers: int = 3
    decoder_layers: int = 3
    dummy_layers: int = 2
    sentence_layers: int = 1
    moment_layers: int = 1
    queries: int = 10
    dummies: int = 45
    prompts: int = 1
    all_prompts: int = 10
    projections: int = 2
    words: int = 32
    dropout: float = 0.1
    input_dropout: float = 0.5
    text_positions: bool = False
    contrastive: int = 0


def source_video(vid: str) -> str:
    """The video that a QVHighlights clip was cut from: its name up to the second-last underscore.

    >>> source_video("NUsG9BgSes0_210.0_360.0")
    'NUsG9BgSes0'
    """
    return vid.rsplit("_", 2)[0]


class CGDETR(nn.Module):
    """The model; parameters are named as in the official state dict."""

    def __init__(self, config: CGDETRConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or CGDETRConfig()
        self.strict_official = strict_official
        d = c.hidden
        self.global_rep_token = nn.Parameter(torch.randn(c.all_prompts, d))
        self.global_rep_pos = nn.Parameter(torch.randn(1, d))
        self.moment_rep_token, self.moment_rep_pos = nn.Parameter(torch.randn(d)), nn.Parameter(torch.randn(d))
        self.dummy_rep_token = nn.Parameter(torch.randn(c.dummies, d))
        self.dummy_rep_pos = nn.Parameter(torch.randn(c.dummies, d))
        self.sent_rep_token, self.sent_rep_pos = nn.Parameter(torch.randn(d)), nn.Parameter(torch.randn(d))
        self.transformer = _Transformer(c, strict_official)
        self.txt_position_embed = TextPosition(c.words, d, c.input_dropout)
        self.span_embed = MLP(d, d, 2, 3)
        self.class_embed = Linear(d, 2)
        self.token_type_embeddings = nn.Embedding(2, d)
        nn.init.normal_(self.token_type_embeddings.weight, std=0.02)
        self.query_embed = nn.Embedding(c.queries, 2)
        self.input_txt_proj = input_projection(c.text_dim, d, c.projections, c.input_dropout)
        self.input_vid_proj = input_projection(c.video_dim + c.audio_dim, d, c.projections, c.input_dropout)
        self.saliency_proj1, self.saliency_proj2 = Linear(d, d), Linear(d, d)
        self.txt_proj_linear = InputProjection(c.text_dim, d, 0.1, relu=True)  # in every checkpoint, never used
        sizes = (d, TOKEN_HEADS, c.feedforward, TOKEN_DROPOUT)
        self.txtproj_encoder = SkippingEncoder(*sizes, layers=c.dummy_layers)
        self.scls_encoder = SkippingEncoder(*sizes, layers=c.sentence_layers)
        add_projections(self, d, c.contrastive)

    def forward(
        self,
        video: Tensor,
        video_mask: Tensor,
        text: Tensor,
        text_mask: Tensor,
        *,
        neighbours: Neighbours | None = None,
        relevant: Tensor | None = None,
        negatives: bool | None = None,
    ) -> CGDETROutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid.

        neighbours: items whose next one shares their video are not negatives; the pass with negatives needs them.
        relevant:  (B, L) positive inside the moments; asks for the alignment that training needs.
        negatives: asks for the pass with the next item's words; None runs it in training alone.
        """
        valid = video_mask.bool()
        clips = self.input_vid_proj(video) + self.token_type_embeddings.weight[1]
        words = self.input_txt_proj(text) + self.token_type_embeddings.weight[0]
        position = sine_position(video_mask, self.config.hidden)
        word_position = self.txt_position_embed(words) if self.config.text_positions else torch.zeros_like(words)

        dummies, keys, key_position, key_mask = self._with_dummies(words, word_position, text_mask)
        context = ((clips * video_mask[..., None]).sum(1) / video_mask.sum(1, keepdim=True)).detach()
        prompts = self.global_rep_token, self.global_rep_pos
        encode = self.transformer.encode
        token, memory, weights = encode(clips, valid, position, keys, key_mask, key_position, context, *prompts)

        decoded, anchors = self.transformer.decoder(memory, position, valid, self.query_embed.weight)
        logits = self.class_embed(decoded)
        spans = (self.span_embed(decoded) + inverse_sigmoid(anchors)).sigmoid()

        saliency_neg = attention_neg = None
        if negatives is None:
            negatives = self.training or self.strict_official
        neighbours = neighbours if negatives else None
        if neighbours is not None:
            rows = neighbours.unlike
            if len(rows):
                other, other_mask = keys.roll(-1, 0)[rows], key_mask.roll(-1, 0)[rows]
                batch = (clips[rows], valid[rows], position[rows], other, other_mask, key_position[rows], context[rows])
                saliency_neg, attention_neg = self._saliency(*encode(*batch, *prompts), other_mask)
        saliency, attention = self._saliency(token, memory, weights, key_mask)
        return CGDETROutput(
            logits[-1],
            spans[-1],
            saliency,
            tuple(zip(logits[:-1], spans[:-1], strict=True)),
            saliency_scores_neg=saliency_neg,
            mask=video_mask,
            projected=project(self, decoded, memory, memory[:, clips.shape[1] :]),
            weights=weights,
            key_mask=key_mask,
            attention=attention,
            dummies=dummies,
            prompts=self.global_rep_token,
            neighbours=neighbours,
            attention_neg=attention_neg,
            alignment=None
            if relevant is None
            else self._align(clips, valid, position, relevant, words, text_mask, word_position, dummies),
        )

    def _with_dummies(self, words: Tensor, word_position: Tensor, text_mask: Tensor) -> tuple[Tensor, ...]:
        """Dummies that have seen the words (B, N, d), and what clips attend to: those, then the words as they were.

        The latter (B, N + T, d) comes with positions and a mask (B, N + T).
        """
        batch, count = len(words), self.config.dummies
        position = torch.cat([self.dummy_rep_pos.expand(batch, -1, -1), word_position], dim=1)
        mask = torch.cat([text_mask.new_ones(batch, count), text_mask], dim=1)
        plain = torch.cat([self.dummy_rep_token.expand(batch, -1, -1), words], dim=1)
        dummies = self.txtproj_encoder(plain, position, mask.bool())[:, :count]
        return dummies, torch.cat([dummies, words], dim=1), position, mask

    def _saliency(self, token: Tensor, memory: Tensor, weights: Tensor, key_mask: Tensor) -> tuple[Tensor, Tensor]:
        """The agreement of clips with the saliency token, and the attention that words receive of them: (B, L) each."""
        saliency = (self.saliency_proj1(memory) * self.saliency_proj2(token)[:, None]).sum(-1)
        n = self.config.dummies
        attention = (weights[..., n:] * key_mask[:, None, n:]).sum(-1).clamp(0, 1)
        return saliency / math.sqrt(self.config.hidden), attention

    def _align(
        self,
        clips: Tensor,
        valid: Tensor,
        position: Tensor,
        relevant: Tensor,
        words: Tensor,
        text_mask: Tensor,
        word_position: Tensor,
        dummies: Tensor,
    ) -> Alignment:
        inside = relevant > 0
        sent, moment = (self.sent_rep_token, self.sent_rep_pos), (self.moment_rep_token, self.moment_rep_pos)
        dummy_position = self.dummy_rep_pos.expand(len(words), -1, -1)
        every = torch.ones_like(dummies[..., 0], dtype=torch.bool)
        sentence, seen_words = _lead(self.scls_encoder, *sent, words, word_position, text_mask.bool())
        dummy, seen_dummies = _lead(self.scls_encoder, *sent, dummies, dummy_position, every)
        encoder = self.transformer.mcls_encoder
        token, frames = _lead(encoder, *moment, clips, position, valid & inside)
        background, background_frames = _lead(encoder, *moment, clips, position, valid & ~inside)
        both = torch.cat([seen_dummies, seen_words], dim=1).transpose(1, 2)
        side = torch.where(inside[..., None], frames, background_frames)
        return Alignment(token, background, sentence, dummy, frames @ both, background_frames @ both, side)


def _lead(
    encoder: nn.Module, token: Tensor, token_position: Tensor, x: Tensor, position: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor]:
    """Encode x (B, L, d) behind a token, (d,) or one per item (B, d): the token (B, d) and the rest (B, L, d)."""
    batch = len(x)
    x = torch.cat([token.expand(batch, -1)[:, None], x], dim=1)
    position = torch.cat([token_position.expand(batch, -1)[:, None], position], dim=1)
    mask = torch.cat([torch.ones_like(mask[:, :1]), mask], dim=1)
    encoded = encoder(x, position, mask)
    return encoded[:, 0], encoded[:, 1:]


class SkippingEncoder(nn.Module):
    """Layers whose residuals whole items skip at random in training."""

    def __init__(self, d: int, heads: int, feedforward: int, dropout: float, *, layers: int) -> None:
        super().__init__()
        sizes = (d, heads, feedforward, dropout)
        self.layers = nn.ModuleList(EncoderLayer(*sizes, activation=PReLU, drop_path=dropout) for _ in range(layers))

    def forward(self, x: Tensor, position: Tensor, mask: Tensor) -> Tensor:
        """(B, L, d) content and positions, (B, L) mask -> (B, L, d)."""
        for layer in self.layers:
            x = layer(x, position, mask)
        return x


class _Transformer(nn.Module):
    def __init__(self, c: CGDETRConfig, strict_official: bool) -> None:
        super().__init__()
        sizes = (c.hidden, c.heads, c.feedforward, c.dropout)
        self.prompts = c.prompts
        self.mcls_encoder = SkippingEncoder(*sizes, layers=c.moment_layers)
        self.t2v_encoder = AdaptiveEncoder(c, strict_official=strict_official)
        self.encoder = SkippingEncoder(*sizes, layers=c.encoder_layers)
        self.decoder = AnchorDecoder(c.hidden, c.heads, c.feedforward, c.decoder_layers, c.dropout)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def encode(
        self,
        clips: Tensor,
        valid: Tensor,
        position: Tensor,
        keys: Tensor,
        key_mask: Tensor,
        key_position: Tensor,
        context: Tensor,
        prompts: Tensor,
        prompt_position: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The saliency token (B, d), the memory of clips (B, L, d) and their attention (B, L, N + T)."""
        adapted, weights = self.t2v_encoder(clips, position, valid, keys, key_position, key_mask.bool())
        token = self._saliency_token(clips, valid, weights, context, prompts)
        token = self.t2v_encoder.without_keys(token[:, None])[:, 0]
        whole, memory = _lead(self.encoder, token, prompt_position, adapted, position, valid)
        return whole, memory + whole[:, None], weights

    def _saliency_token(
        self, clips: Tensor, valid: Tensor, weights: Tensor, context: Tensor, prompts: Tensor
    ) -> Tensor:
        """Prompts mixed by how they resemble the clips that the words attend to, beside the context: (B, d)."""
        away = normalize(clips - context[:, None], dim=2)
        likeness = (away @ normalize(prompts, dim=1).T).softmax(-1)
        importance = weights[..., self.t2v_encoder.dummies :].sum(2).detach() * valid
        importance = importance / importance.sum(1, keepdim=True)
        share, chosen = (likeness * importance[..., None]).sum(1).topk(self.prompts, dim=1)
        return (share[..., None] * prompts[chosen]).sum(1) + context


class AdaptiveEncoder(nn.Module):
    """Clips ask, dummies and words share their attention, words alone answer."""

    def __init__(self, c: CGDETRConfig, *, strict_official: bool) -> None:
        super().__init__()
        self.dummies = c.dummies
        self.layers = nn.ModuleList(_AdaptiveLayer(c, strict_official=strict_official) for _ in range(c.text_layers))

    def forward(
        self, clips: Tensor, position: Tensor, valid: Tensor, keys: Tensor, key_position: Tensor, key_valid: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The adapted clips (B, L, d) and the attention, mean of heads and layers (B, L, N + T)."""
        weights = []
        for layer in self.layers:
            clips, attention = layer(clips, position, valid, keys, key_position, key_valid)
            weights.append(attention)
        return clips, torch.stack(weights).mean(0)

    def without_keys(self, x: Tensor) -> Tensor:
        """The same layers where there is nothing to attend to: only the bias of the attention remains."""
        for layer in self.layers:
            assert isinstance(layer, _AdaptiveLayer)
            x = layer.residuals(x, layer.self_attn.out_proj.bias.expand_as(x))
        return x


class _AdaptiveLayer(nn.Module):
    def __init__(self, c: CGDETRConfig, *, strict_official: bool) -> None:
        super().__init__()
        self.heads, self.dummies, self.strict_official = c.heads, c.dummies, strict_official
        self.self_attn = OutProjection(c.hidden)
        self.linear1, self.linear2 = Linear(c.hidden, c.feedforward), Linear(c.feedforward, c.hidden)
        self.norm1, self.norm2 = nn.LayerNorm(c.hidden), nn.LayerNorm(c.hidden)
        self.activation = PReLU()
        self.dropout, self.skip = Dropout(c.dropout), DropPath(c.dropout)

    def forward(
        self, x: Tensor, position: Tensor, valid: Tensor, keys: Tensor, key_position: Tensor, key_valid: Tensor
    ) -> tuple[Tensor, Tensor]:
        """(B, L, d) clips -> the same and the mean attention of heads (B, L, N + T)."""
        blocked = ~key_valid[:, None, None]
        if self.strict_official:  # padded clips × padded words, but in the order of heads and not of items
            crossed = (~valid)[:, :, None] & (~key_valid)[:, None]
            blocked = blocked | crossed.repeat(self.heads, 1, 1).view(len(x), self.heads, *crossed.shape[1:])
        q, k = split_heads(x + position, self.heads), split_heads(keys + key_position, self.heads)
        scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
        weights = scores.masked_fill(blocked, -torch.inf).softmax(-1)
        attended = self.dropout(weights)[..., self.dummies :] @ split_heads(keys[:, self.dummies :], self.heads)
        return self.residuals(x, self.self_attn.out_proj(attended.transpose(1, 2).flatten(2))), weights.mean(1)

    def residuals(self, x: Tensor, attended: Tensor) -> Tensor:
        """What follows the attention; the feed-forward adds to what came before its norm, as in QD-DETR."""
        x = x + self.skip(attended)
        hidden = self.linear2(self.dropout(self.activation(self.linear1(self.norm1(x)))))
        out: Tensor = self.norm2(x + self.skip(hidden))
        return out


RECIPE = Recipe(
    schedule="step",
    drop=400,
    patience=200,
    options=ON_THE_GRID,
    source="cg_detr/scripts/train.sh, cg_detr/config.py",
)
# Charades-STA and TACoS: SlowFast and CLIP features, videos of any length
ANY_LENGTH = RECIPE.changed(
    rate=2e-4,
    best="MR-full-R1@0.5/0.7",
    config={"prompts": 2, "words": 100},
    options={"saliency": 4.0, "longest": None, "latest": None},
    source="cg_detr/scripts/tacos/train.sh, cg_detr/config.py",
)
CHARADES = ANY_LENGTH.changed(
    seconds=1.0,
    options={"grid": 1.0, "latest": 150.0},
    source="cg_detr/scripts/charades_sta/train.sh, cg_detr/config.py",
)
# of highlights alone; each of the domains is trained apart, with 1 and with 2 prompts
HIGHLIGHTS = RECIPE.changed(
    batch=4,
    epochs=1000,
    drop=2000,
    patience=None,
    best="mAP",
    config={"words": 100},
    options=HIGHLIGHTS_ALONE | {"longest": 1000},
    unlike={"prompts": "1 and 2, one run each"},
)


class CGDETRHead(DETRHead):
    """CG-DETR. Neighbours in a batch that were cut from one video are not negatives of each other.

    other: weight of low saliency for the text of another item
    """

    name, paper = "cg-detr", "2311.08835"
    config_class, model_class = CGDETRConfig, CGDETR
    loss_weights: ClassVar[Mapping[str, float]] = LOSS_WEIGHTS
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "qvhighlights": RECIPE,
        **{  # configs/model/cg_detr.yml says 2 prompts
            name: LIGHTHOUSE[name].changed(config={"prompts": 2})
            for name in ("activitynet-captions", "clotho-moment", "castella")
        },
        "charades-sta": CHARADES,
        "charades-sta/vgg": CHARADES.changed(
            batch=16,
            seconds=0.166666,
            config={"video_dim": 4098, "text_dim": 300, "dropout": 0.2},
            options={"grid": 0.166666, "latest": 360.0, "raw_words": True},
            source="cg_detr/scripts/charades_sta/train_vgg.sh, cg_detr/config.py",
        ),
        "tacos": ANY_LENGTH.changed(drop=200, config={"dummies": 50}, unlike=ON_TEST),
        "tvsum": HIGHLIGHTS.changed(
            rate=1e-3,
            config={"video_dim": 2050, "dummies": 3},
            source="cg_detr/scripts/tvsum/train_tvsum.sh, cg_detr/config.py",
        ),
        "youtube-highlights": HIGHLIGHTS.changed(
            rate=2e-4,
            seconds=1.0,
            config={"dummies": 1},
            options={"saliency": 4.0, "other": 0.0},
            source="cg_detr/scripts/youtube_uni/train.sh, cg_detr/config.py, cg_detr/model.py",
        ),
    }
    small: ClassVar[Recipe] = SMALL_DETR.changed(config={"dummies": 8}, options={"saliency": 4.0})
    clamps = True
    batch_leaks = True

    def __init__(self, config: Any = None, *, other: float = 1.0, **options: Any) -> None:
        super().__init__(config, **options)
        self.options["other"] = self.other = other

    @staticmethod
    def recognises(state: State) -> bool:
        """Dummies that draw attention from the words, and queries."""
        return "dummy_rep_token" in state and "query_embed.weight" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The family's, and those of tokens and their encoders. Raises ModelError where nothing tells the prompts."""
        if "num_prompts" not in options:
            raise ModelError(
                "does not say how many prompts make its saliency token (num_prompts); load it with its options, or "
                "give from_checkpoint a head of the right sizes"
            )
        return super().sizes(state, options) | {
            "dummies": state["dummy_rep_token"].shape[0],
            "prompts": int(options["num_prompts"]),
            "all_prompts": state["global_rep_token"].shape[0],
            "text_layers": layers(state, "transformer.t2v_encoder"),
            "dummy_layers": layers(state, "txtproj_encoder"),
            "sentence_layers": layers(state, "scls_encoder"),
            "moment_layers": layers(state, "transformer.mcls_encoder"),
        }

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> CGDETRTargets:
        """The family's, and which items are negatives of each other."""
        sources = [source_video(e.example.video) for e in examples]
        return CGDETRTargets(**vars(super().targets(examples, rng)), neighbours=Neighbours.of(sources))

    def predict(self, inputs: tuple[Tensor, ...], targets: CGDETRTargets) -> CGDETROutput:
        """The output with the pass with negatives and with the alignment."""
        output: CGDETROutput = self.model(
            *inputs, neighbours=targets.neighbours, relevant=targets.ratings, negatives=True
        )
        return output

    def unweighted(self, output: CGDETROutput, targets: DETRTargets) -> dict[str, Tensor]:
        """Losses of the official criterion, by their official names."""
        return cg_detr_losses(output, targets, other=self.other)
