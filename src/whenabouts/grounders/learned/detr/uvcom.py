"""UVCOM (Xiao et al. 2023, arXiv:2311.16464): video and sentence meet in three grains before they are encoded.

Clips and words attend to each other, are gathered into a few prototypes of scenes and of phrases, and clips take up the
phrases that they resemble. The scene most like the phrases stands for the whole video.

Officially padding counts as clips and as words wherever those are gathered, and one mask stands in the order of heads,
so that an answer depends on its batch; here it does not, and `strict_official` brings both back. The pass with other
sentences runs in training only; under `strict_official` always, as officially. The authors' own code was not at hand:
names, sizes and formulas are those of Lighthouse.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from whenabouts.grounders.learned.detr.criterion import DETRTargets
from whenabouts.grounders.learned.detr.dab import AnchorDecoder, inverse_sigmoid
from whenabouts.grounders.learned.detr.head import SMALL_DETR, DETRHead
from whenabouts.grounders.learned.detr.layers import (
    MLP,
    Attention,
    CrossLayer,
    EncoderLayer,
    InputProjection,
    PReLU,
    TextPosition,
    sine_position,
)
from whenabouts.grounders.learned.detr.official import layers
from whenabouts.grounders.learned.detr.recipes import LIGHTHOUSE
from whenabouts.grounders.learned.detr.uvcom_criterion import LOSS_WEIGHTS, UVCOMOutput, uvcom_losses
from whenabouts.grounders.learned.head import State
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["UVCOM", "UVCOMConfig", "UVCOMHead"]

WIDE = 1024  # hidden size of the networks of agreement and of slots
ROUNDS = 5  # in which slots gather the clips
SPREAD = 1.2  # of prototypes: standard deviation of what belongs to one
SHARPNESS, TAKEN = 5.0, 0.5  # of which phrases a clip resembles, and the share that it takes of them


@dataclass(frozen=True)
class UVCOMConfig:
    """Sizes as published for QVHighlights with SlowFast and CLIP features; see `MomentDETRConfig`.

    audio_dim: of features of sound behind the pictures and their ends, projected by themselves and added; 0 for none
    phrases, scenes, rounds: prototypes of words and of clips, and how often they are made anew
    fusion:    whether clips take up phrases by attention and not by their resemblance
    layers:    of each of the three encoders
    """

    video_dim: int = 2818
    text_dim: int = 512
    audio_dim: int = 0
    hidden: int = 256
    heads: int = 8
    feedforward: int = 1024
    layers: int = 3
    decoder_layers: int = 3
    queries: int = 30
    phrases: int = 5
    scenes: int = 30
    rounds: int = 5
    fusion: bool = False
    projections: int = 2
    words: int = 32
    dropout: float = 0.1
    input_dropout: float = 0.5


class UVCOM(nn.Module):
    """The model; parameters are named as in the official state dict."""

    def __init__(self, config: UVCOMConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or UVCOMConfig()
        self.strict_official = strict_official
        self.CIM = _Interaction(c, strict_official)
        # this and the token of the whole are in every checkpoint and never used
        self.txt_position_embed = TextPosition(c.words, c.hidden, c.input_dropout)
        self.span_embed = MLP(c.hidden, c.hidden, 2, 3)
        self.class_embed = nn.Linear(c.hidden, 2)
        self.query_embed = nn.Embedding(c.queries, 2)
        self.input_txt_proj = _projections(c.text_dim, c, c.projections)
        self.input_vid_proj = _projections(c.video_dim, c, 2)
        if c.audio_dim:
            self.input_audio_proj = _projections(c.audio_dim, c, c.projections)
        self.saliency_proj1, self.saliency_proj2 = nn.Linear(c.hidden, c.hidden), nn.Linear(c.hidden, c.hidden)
        self.global_rep_token = nn.Parameter(torch.randn(c.hidden))
        self.global_rep_pos = nn.Parameter(torch.randn(c.hidden))

    def forward(
        self,
        video: Tensor,
        video_mask: Tensor,
        text: Tensor,
        text_mask: Tensor,
        *,
        negatives: bool | None = None,
        unlike: bool = False,
    ) -> UVCOMOutput:
        """Clips (B, L, video_dim + audio_dim), words (B, T, text_dim), masks (B, L) and (B, T), 1 where valid.

        negatives: asks for the pass with other words; None runs it in training alone
        unlike:    those are of the sentence that agrees least with the video, and not of the next item
        """
        pictures = self.config.video_dim
        clips = self.input_vid_proj(video[..., :pictures])
        if self.config.audio_dim:
            clips = clips + self.input_audio_proj(video[..., pictures:])
        words = self.input_txt_proj(text)
        video_valid, text_valid = video_mask.bool(), text_mask.bool()
        position = sine_position(video_mask, self.config.hidden)
        word_position = torch.zeros_like(words)
        own = self.CIM(clips, video_valid, position, words, text_valid, word_position, self.global_rep_pos)

        decoded, anchors = self.CIM.decode(own, position, video_valid, self.query_embed.weight)
        logits = self.class_embed(decoded)
        spans = (self.span_embed(decoded) + inverse_sigmoid(anchors)).sigmoid()
        agreement, of_clips = self.CIM.agreement(own)

        negative = None
        if self.training or self.strict_official if negatives is None else negatives:
            rows = torch.arange(len(video), device=video.device).roll(-1)
            if unlike:
                rows = (agreement.softmax(-1) + _mean(of_clips, own.counted).softmax(-1)).argmin(-1)
            other = self.CIM(
                clips, video_valid, position, words[rows], text_valid[rows], word_position, self.global_rep_pos
            )
            negative = self._saliency(other)
        return UVCOMOutput(
            logits[-1],
            spans[-1],
            self._saliency(own),
            tuple(zip(logits[:-1], spans[:-1], strict=True)),
            saliency_scores_neg=negative,
            mask=video_mask,
            agreement=agreement,
            clip_agreement=of_clips.diagonal(dim1=0, dim2=2).T,
        )

    def _saliency(self, met: _Met) -> Tensor:
        """The agreement of every clip with the whole: (B, L)."""
        product: Tensor = self.saliency_proj1(met.memory) * self.saliency_proj2(met.whole)[:, None]
        return product.sum(-1) / math.sqrt(self.config.hidden)


def _projections(size_in: int, c: UVCOMConfig, count: int) -> nn.Sequential:
    """As many in a row; the one that is last among those of the words has no ReLU."""
    sizes = [size_in] + [c.hidden] * count
    return nn.Sequential(
        *(InputProjection(sizes[i], c.hidden, c.input_dropout, relu=i != c.projections - 1) for i in range(count))
    )


class _Met(NamedTuple):
    """What became of video and sentence when they met.

    whole (B, d), memory (B, L, d): encoded; clips (B, L, d): before; sentence (B, d)
    counted (B, L): the clips that are gathered
    """

    whole: Tensor
    memory: Tensor
    clips: Tensor
    sentence: Tensor
    counted: Tensor


class _Interaction(nn.Module):
    """The comprehensive integration module of the paper, and the decoder, which officially is part of it."""

    def __init__(self, c: UVCOMConfig, strict_official: bool) -> None:
        super().__init__()
        self.strict_official, self.rounds = strict_official, c.rounds
        d, sizes = c.hidden, (c.hidden, c.heads, c.feedforward, c.dropout)
        self.t2v_encoder = _Layers([CrossLayer(*sizes, strict_official=strict_official) for _ in range(c.layers)])
        self.v2t_encoder = _Layers([CrossLayer(*sizes, strict_official=strict_official) for _ in range(c.layers)])
        self.GKA_Module = _Layers([EncoderLayer(*sizes, activation=PReLU) for _ in range(c.layers)])
        self.processer_for_tgt = _Slots(d)
        self.decoder = _Decoder(d, c.heads, c.feedforward, c.decoder_layers, c.dropout, moves_last=True)
        self.decoder.span_embed = nn.Embedding(c.queries, d)
        self.feature_proj = nn.Sequential(nn.Linear(d, d), nn.LayerNorm(d))
        self.conv_local = nn.Sequential(nn.Conv1d(d, d, 1), nn.Conv1d(d, d, 3, padding=1), nn.Conv1d(d, d, 1))
        self.txt_mu, self.vid_mu = nn.Parameter(torch.randn(c.phrases, d)), nn.Parameter(torch.randn(c.scenes, d))
        if c.fusion:
            self.moment_fusion = _Fusion(d, c.heads)
        self.sim_vid, self.sim_txt = MLP(d, WIDE, d, 3), MLP(d, WIDE, d, 3)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(
        self,
        clips: Tensor,
        valid: Tensor,
        position: Tensor,
        words: Tensor,
        word_valid: Tensor,
        word_position: Tensor,
        whole_position: Tensor,
    ) -> _Met:
        """Clips (B, L, d) and words (B, T, d), each with a mask and positions; `whole_position` is (d,)."""
        seen, read = clips, words
        for layer in self.t2v_encoder.layers:
            seen = layer(seen, position, valid, words, word_position, word_valid)
        for layer in self.v2t_encoder.layers:
            read = layer(read, word_position, word_valid, clips, position, valid)
        counted, word_counted = valid, word_valid
        if self.strict_official:  # padding is gathered too
            counted, word_counted = torch.ones_like(valid), torch.ones_like(word_valid)
        sentence = _mean(self.feature_proj(read), word_counted)
        phrases = _prototypes(self.txt_mu, read, word_counted, self.rounds)
        scenes = _prototypes(self.vid_mu, seen, counted, self.rounds)
        likeness = (normalize(scenes, dim=-1) @ normalize(phrases, dim=-1).transpose(1, 2)).mean(-1)
        whole = scenes[torch.arange(len(scenes), device=scenes.device), likeness.argmax(1)]

        local = seen + self._local(seen * valid[..., None], counted)
        taken = self.moment_fusion(local, phrases) if hasattr(self, "moment_fusion") else _take(local, phrases, counted)
        together = seen + taken
        sequence = torch.cat([whole[:, None], together], dim=1)
        places = torch.cat([whole_position.expand(len(seen), 1, -1), position], dim=1)
        mask = torch.cat([torch.ones_like(valid[:, :1]), valid], dim=1)
        for layer in self.GKA_Module.layers:
            sequence = layer(sequence, places, mask)
        return _Met(sequence[:, 0], sequence[:, 1:], together, sentence, counted)

    def _local(self, clips: Tensor, counted: Tensor) -> Tensor:
        """What is around every clip: (B, L, d)."""
        first, around, last = self.conv_local
        out: Tensor = last(around(first(clips.transpose(1, 2)) * counted[:, None])).transpose(1, 2)
        return out

    def decode(self, met: _Met, position: Tensor, valid: Tensor, queries: Tensor) -> tuple[Tensor, Tensor]:
        """As `AnchorDecoder`, of queries that start from the sentence and the clips."""
        content = self.processer_for_tgt(met.memory, met.counted, met.sentence)
        decoded: tuple[Tensor, Tensor] = self.decoder(
            met.memory, position, valid, queries, content[:, None] + self.decoder.span_embed.weight
        )
        return decoded

    def agreement(self, met: _Met) -> tuple[Tensor, Tensor]:
        """Cosines of videos (B, B) and of clips (B, L, B) with all sentences."""
        sentences = normalize(self.sim_txt(met.sentence), dim=-1).T
        return normalize(self.sim_vid(met.whole), dim=-1) @ sentences, normalize(
            self.sim_vid(met.clips), dim=-1
        ) @ sentences


def _mean(x: Tensor, counted: Tensor) -> Tensor:
    """Of what is counted: (B, N, d), (B, N) -> (B, d)."""
    weight = counted[..., None].to(x.dtype)
    return (x * weight).sum(1) / weight.sum(1)


def _prototypes(start: Tensor, x: Tensor, counted: Tensor, rounds: int) -> Tensor:
    """Expectation and maximisation from (K, d): what of x (B, N, d) belongs together, (B, K, d)."""
    unit, found = normalize(x, dim=-1), start.expand(len(x), -1, -1)
    for _ in range(rounds):
        # a Gaussian of the distance of unit vectors, which their cosine decides
        share = (normalize(found, dim=-1) @ unit.transpose(1, 2) / SPREAD**2).softmax(1) * counted[:, None]
        found = share / (share.sum(-1, keepdim=True) + 1e-9) @ x
    return found


def _take(clips: Tensor, phrases: Tensor, counted: Tensor) -> Tensor:
    """A bidirectional random walk: clips (B, L, d) take up phrases (B, K, d), and give up what they share with others.

    Officially the inverse of the walk is not taken, so that it ends after one step; so it does here.
    """
    share = (normalize(phrases, dim=-1) @ normalize(clips, dim=-1).transpose(1, 2) * SHARPNESS).softmax(1)
    back = share * counted[:, None]
    back = back / (back.sum(-1, keepdim=True) + 1e-9)
    mixed = TAKEN * share.transpose(1, 2) @ phrases + clips
    return (1 - TAKEN) * (mixed - TAKEN**2 * share.transpose(1, 2) @ (back @ mixed))


class _Fusion(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.multihead_attn = Attention(d, heads)

    def forward(self, clips: Tensor, phrases: Tensor) -> Tensor:
        """(B, L, d), (B, K, d) -> (B, L, d)."""
        out: Tensor = clips * self.multihead_attn(clips, phrases, phrases)
        return out


class _Layers(nn.Module):
    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)


class _Decoder(AnchorDecoder):
    """With an embedding of every query."""

    span_embed: nn.Embedding


class _Slots(nn.Module):
    """Slot attention (2006.15055) whose slots all start as the sentence, and so stay alike: one is computed.

    Since they share every clip evenly, what they gather is the mean; the parameters that decide shares change nothing.
    """

    def __init__(self, d: int) -> None:
        super().__init__()
        self.norm_inputs, self.norm_slots, self.norm_mlp, self.norm_out = (nn.LayerNorm(d) for _ in range(4))
        self.project_q, self.project_k, self.project_v = (nn.Linear(d, d) for _ in range(3))
        self.mlp = MLP(d, WIDE, d, 3)

    def forward(self, memory: Tensor, counted: Tensor, slot: Tensor) -> Tensor:
        """(B, L, d), (B, L), (B, d) -> (B, d)."""
        gathered = _mean(self.project_v(self.norm_inputs(memory)), counted)
        for _ in range(ROUNDS):
            slot = slot + gathered
            slot = slot + self.mlp(self.norm_mlp(slot))
        out: Tensor = self.norm_out(slot)
        return out


DROP = 100  # epochs to a lower rate in the configuration of the model, which that of a data set precedes


def _recipe(recipe: Recipe) -> Recipe:
    """As Lighthouse trains this model."""
    drop = DROP if recipe.drop == LIGHTHOUSE["qvhighlights"].drop else recipe.drop
    return recipe.changed(source=f"{recipe.source}, configs/model/uvcom.yml", drop=drop)


class UVCOMHead(DETRHead):
    """UVCOM.

    neg_choose_epoch: from then on other sentences are those that agree least with the video. Lighthouse has the number
        in its configurations and never tells its model the epoch: under `strict_official` they stay the next item's.
    """

    name, paper = "uvcom", "2311.16464"
    config_class, model_class = UVCOMConfig, UVCOM
    loss_weights: ClassVar[Mapping[str, float]] = LOSS_WEIGHTS
    recipes: ClassVar[Mapping[str, Recipe]] = {name: _recipe(recipe) for name, recipe in LIGHTHOUSE.items()}
    small: ClassVar[Recipe] = SMALL_DETR.changed(
        config={"layers": 2, "decoder_layers": 2, "queries": 10, "scenes": 10}, options={"saliency": 4.0}
    )
    batch_leaks = True

    def __init__(self, config: Any = None, *, neg_choose_epoch: int = 80, **options: Any) -> None:
        super().__init__(config, **options)
        self.options["neg_choose_epoch"] = neg_choose_epoch

    @staticmethod
    def recognises(state: State) -> bool:
        """Prototypes of phrases."""
        return "CIM.txt_mu" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Read off the parameters, but for what leaves no trace in them."""
        sound = state.get("input_audio_proj.0.LayerNorm.weight")
        return {
            "video_dim": len(state["input_vid_proj.0.LayerNorm.weight"]),
            "text_dim": len(state["input_txt_proj.0.LayerNorm.weight"]),
            "audio_dim": 0 if sound is None else len(sound),
            "hidden": state["input_vid_proj.0.net.1.weight"].shape[0],
            "heads": int(options.get("nheads", 8)),
            "feedforward": state["CIM.GKA_Module.layers.0.linear1.weight"].shape[0],
            "layers": layers(state, "CIM.GKA_Module"),
            "decoder_layers": layers(state, "CIM.decoder"),
            "queries": state["query_embed.weight"].shape[0],
            "phrases": state["CIM.txt_mu"].shape[0],
            "scenes": state["CIM.vid_mu"].shape[0],
            "rounds": int(options.get("em_iter", 5)),
            "fusion": any(key.startswith("CIM.moment_fusion.") for key in state),
            "projections": 1 + max(int(key.split(".")[1]) for key in state if key.startswith("input_txt_proj.")),
            "words": state["txt_position_embed.position_embeddings.weight"].shape[0],
        }

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The family's, and the epoch from which negatives are chosen."""
        return super().settings(state, options) | {"neg_choose_epoch": int(options.get("neg_choose_epoch", 80))}

    def predict(self, inputs: tuple[Tensor, ...], targets: DETRTargets) -> UVCOMOutput:
        """The output with the pass with negatives, which always runs."""
        unlike = self.epoch >= self.options["neg_choose_epoch"] and not self.options["strict_official"]
        output: UVCOMOutput = self.model(*inputs, negatives=True, unlike=unlike)
        return output

    def unweighted(self, output: UVCOMOutput, targets: DETRTargets) -> dict[str, Tensor]:
        """Losses of the official criterion, by their official names."""
        return uvcom_losses(output, targets)
