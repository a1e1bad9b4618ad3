"""FlashVTG (Cao et al. 2024, arXiv:2412.13441): clips that attend to the words as in CG-DETR, then a pyramid of points.

Every point of every level says how likely it is inside a moment, and how far the ends are. The official code answers
one query at a time; here too, so that no answer depends on its batch. In training padding takes part officially in one
attention mask and in the mean of clips; `strict_official` brings it back.
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
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.batch import detr_targets
from whenabouts.grounders.learned.detr.cg_criterion import Neighbours, Pairs
from whenabouts.grounders.learned.detr.cg_detr import AdaptiveEncoder, CGDETRConfig, SkippingEncoder, source_video
from whenabouts.grounders.learned.detr.criterion import weighted_sum
from whenabouts.grounders.learned.detr.decode import suppressed
from whenabouts.grounders.learned.detr.flash_vtg_criterion import (
    LOSS_WEIGHTS,
    FlashVTGOutput,
    FlashVTGTargets,
    flash_vtg_losses,
)
from whenabouts.grounders.learned.detr.head import SMALL_DETR, ClipHead
from whenabouts.grounders.learned.detr.layers import MLP, TextPosition, input_projection, sine_position
from whenabouts.grounders.learned.detr.official import layers, projection_sizes
from whenabouts.grounders.learned.detr.pyramid import (
    ConvHead,
    Points,
    Pooling,
    Pyramid,
    nowhere_padded,
    valid_points,
)
from whenabouts.grounders.learned.detr.recipes import ON_TEST, ON_THE_GRID
from whenabouts.grounders.learned.head import Answer, State
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["FlashVTG", "FlashVTGConfig", "FlashVTGHead"]

MOST = 50  # windows of an answer
MARGIN = 0.2  # by which a positive clip should score higher than a negative one
LONGEST = 1024  # clips that official points reach
TOKEN_HEADS, TOKEN_DROPOUT = 8, 0.1  # of the encoder of dummies, in every configuration


@dataclass(frozen=True)
class FlashVTGConfig:
    """Sizes as published for QVHighlights with SlowFast and CLIP features; see `CGDETRConfig`.

    levels: of the pyramid, level i with stride 2^i
    kernel: of the `convolutions` that score points, before `perceptron` linear layers
    """

    video_dim: int = 2818
    text_dim: int = 512
    audio_dim: int = 0
    hidden: int = 256
    heads: int = 8
    feedforward: int = 1024
    text_layers: int = 6
    encoder_layers: int = 3
    dummy_layers: int = 2
    dummies: int = 40
    levels: int = 4
    kernel: int = 5
    convolutions: int = 1
    perceptron: int = 5
    projections: int = 2
    words: int = 40
    dropout: float = 0.1
    input_dropout: float = 0.5


class FlashVTG(nn.Module):
    """The model; parameters are named as in the official state dict."""

    def __init__(self, config: FlashVTGConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or FlashVTGConfig()
        self.strict_official = strict_official
        d = c.hidden
        self.transformer = _Transformer(c, strict_official)
        self.txt_position_embed = TextPosition(c.words, d, c.input_dropout)  # never used, whatever `use_txt_pos` says
        self.saliency_proj1, self.saliency_proj2 = nn.Linear(d, d), nn.Linear(d, d)
        self.input_txt_proj = input_projection(c.text_dim, d, c.projections, c.input_dropout)
        self.input_vid_proj = input_projection(c.video_dim + c.audio_dim, d, c.projections, c.input_dropout)
        self.token_type_embeddings = nn.Embedding(2, d)
        nn.init.normal_(self.token_type_embeddings.weight, std=0.02)
        self.dummy_rep_token = nn.Parameter(torch.randn(c.dummies, d))
        self.dummy_rep_pos = nn.Parameter(torch.randn(c.dummies, d))
        self.txtproj_encoder = SkippingEncoder(d, TOKEN_HEADS, c.feedforward, TOKEN_DROPOUT, layers=c.dummy_layers)
        self.pyramid = Pyramid(d, c.levels)
        self.pooling = Pooling(d)
        self.conf_head, self.class_head = (_Scorer(d, c.kernel, c.convolutions, c.perceptron) for _ in range(2))
        self.coef = nn.Parameter(torch.ones(c.levels))
        self.coord_head = ConvHead(d, 2)
        self.x = nn.Parameter(torch.tensor(0.5))

    def forward(
        self,
        video: Tensor,
        video_mask: Tensor,
        text: Tensor,
        text_mask: Tensor,
        *,
        neighbours: Neighbours | None = None,
    ) -> FlashVTGOutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid.

        With `neighbours` clips also meet the next item's words, if that is of another video.
        """
        c, batch = self.config, len(video)
        clips = self.input_vid_proj(video) + self.token_type_embeddings.weight[1]
        words = self.input_txt_proj(text) + self.token_type_embeddings.weight[0]
        position = sine_position(video_mask, c.hidden)
        key_position = torch.cat([self.dummy_rep_pos.expand(batch, -1, -1), torch.zeros_like(words)], dim=1)
        key_mask = torch.cat([text_mask.new_ones(batch, c.dummies), text_mask], dim=1)
        plain = torch.cat([self.dummy_rep_token.expand(batch, -1, -1), words], dim=1)
        dummies = self.txtproj_encoder(plain, key_position, key_mask.bool())[:, : c.dummies]
        keys = torch.cat([dummies, words], dim=1)

        fused, saliency, attention = self._met(clips, video_mask, position, keys, key_mask, key_position)
        saliency_neg = attention_neg = None
        if neighbours is not None:
            rows = neighbours.unlike
            if len(rows):
                other, other_mask = keys.roll(-1, 0)[rows], key_mask.roll(-1, 0)[rows]
                _, saliency_neg, attention_neg = self._met(
                    clips[rows], video_mask[rows], position[rows], other, other_mask, key_position[rows]
                )
        fused = fused.relu()  # officially the first level does so in place, before the others see the clips
        levels = self.pyramid(fused)
        counts = [level.shape[1] for level in levels]
        scores = torch.cat([self.class_head(level) for level in levels], dim=1)
        confidence = self.conf_head(torch.cat(levels, dim=1))
        ends = torch.cat([self.coord_head(level).exp() * self.coef[i] for i, level in enumerate(levels)], dim=1)
        return FlashVTGOutput(
            self.x * scores + (1 - self.x) * confidence,
            ends,
            Points.of(counts, c.levels, video.device),
            valid_points(video_mask, counts),
            fused,
            self.pooling(words, text_mask),
            saliency,
            attention,
            video_mask,
            saliency_neg,
            attention_neg,
            neighbours,
        )

    def _met(
        self, clips: Tensor, mask: Tensor, position: Tensor, keys: Tensor, key_mask: Tensor, key_position: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Clips that met the words (B, L, d), their saliency and the attention that words receive, (B, L) each."""
        valid, n = mask.bool(), self.config.dummies
        adapted, weights = self.transformer.t2v_encoder(clips, position, valid, keys, key_position, key_mask.bool())
        fused = self.transformer.encoder(adapted, position, valid)
        if self.strict_official:
            whole = fused.mean(1, keepdim=True)
        else:
            whole = (fused * mask[..., None]).sum(1, keepdim=True) / mask.sum(1)[:, None, None]
        saliency = (self.saliency_proj1(fused) * self.saliency_proj2(whole)).sum(-1) / math.sqrt(self.config.hidden)
        return fused, saliency, (weights[..., n:] * key_mask[:, None, n:]).sum(-1).clamp(0, 1)


class _Transformer(nn.Module):
    def __init__(self, c: FlashVTGConfig, strict_official: bool) -> None:
        super().__init__()
        sizes = {name: getattr(c, name) for name in ("hidden", "heads", "feedforward", "dropout")}
        guided = CGDETRConfig(**sizes, dummies=c.dummies, text_layers=c.text_layers)
        self.t2v_encoder = AdaptiveEncoder(guided, strict_official=strict_official)
        self.encoder = SkippingEncoder(c.hidden, c.heads, c.feedforward, c.dropout, layers=c.encoder_layers)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.trunc_normal_(parameter, std=0.02)


class _Scorer(nn.Module):
    def __init__(self, d: int, kernel: int, convolutions: int, perceptron: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(d, d, (1, kernel), padding=(0, kernel // 2)) for _ in range(convolutions))
        self.fc = MLP(d, d // 2, 1, perceptron)

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, d) -> (B, N)."""
        x = x.transpose(1, 2).unsqueeze(2)
        for conv in self.convs:
            x = conv(x).relu()
        scores: Tensor = self.fc(x.squeeze(2).transpose(1, 2)).squeeze(-1)
        return scores


RECIPE = Recipe(
    rate=5e-4,
    batch=64,
    epochs=150,
    every=1,
    patience=200,
    seed=2024,
    options=ON_THE_GRID,
    source="FlashVTG/scripts/train_qv_slowclip.sh, FlashVTG/config.py, data/MR.py",
    unlike={
        "schedule": "StepLR is given the last loss for the epoch, so the rate stays unless that is very large",
        "best": "the same figure, of windows before any are suppressed",
    },
)
BOTH = "MR-full-R1@0.5/0.7"
CHARADES = RECIPE.changed(
    rate=2.5e-4,
    batch=128,
    epochs=50,
    seconds=1.0,
    best=BOTH,
    config={"words": 32},
    options={"clip_seconds": 1.0, "grid": 1.0, "contrast": 0.01, "label": 0.1, "longest": LONGEST},
    source="FlashVTG/scripts/charades_sta/train.sh, FlashVTG/config.py, data/MR.py",
)
INTERNVIDEO2 = {"video_dim": 770, "text_dim": 4096}


class FlashVTGHead(ClipHead):
    """FlashVTG. Neighbours in a batch that were cut from one video are not negatives of each other.

    clip_seconds: of a row
    contrast, label: weights of `loss_sal` and `loss_label`
    suppress:     windows that overlap a better one by so much get the score 0; None leaves them
    fade:         in place of it scores shrink by the overlap with each better one (nms_type linear)
    rest:         as of `ClipHead`
    """

    name, paper = "flash-vtg", "2412.13441"
    config_class, model_class = FlashVTGConfig, FlashVTG
    loss_weights: ClassVar[Mapping[str, float]] = LOSS_WEIGHTS
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "qvhighlights": RECIPE,
        "qvhighlights/internvideo2": RECIPE.changed(
            every=5,
            best=BOTH,
            config=INTERNVIDEO2 | {"levels": 5},
            options={"label": 0.0},
            source="FlashVTG/scripts/qv_internvideo2/train.sh, FlashVTG/config.py, data/MR_16.py",
        ),
        "charades-sta": CHARADES,
        "charades-sta/vgg": CHARADES.changed(
            rate=1e-4,
            batch=16,
            epochs=1,
            seconds=0.166666,
            config={"video_dim": 4098, "text_dim": 300, "kernel": 3, "convolutions": 2, "words": 100},
            options={"clip_seconds": 0.166666, "grid": 0.166666, "latest": 360.0, "raw_words": True},
            source="FlashVTG/scripts/charades_sta/train_vgg.sh, FlashVTG/config.py, data/MR.py",
        ),
        "charades-sta/internvideo2": CHARADES.changed(
            rate=1.5e-4,
            batch=32,
            config=INTERNVIDEO2 | {"kernel": 7, "convolutions": 2, "perceptron": 3, "words": 23},
            source="FlashVTG/scripts/charades_sta_internvideo2/train.sh, FlashVTG/config.py, data/MR.py",
        ),
        "tacos": RECIPE.changed(
            rate=2e-4,
            batch=32,
            every=3,
            best="MR-full-R1@0.3",
            config={
                "text_layers": 8, "dummy_layers": 3, "dummies": 35, "convolutions": 2, "words": 100, "dropout": 0.0,
            },
            options={"contrast": 0.05, "longest": LONGEST, "latest": None},
            unlike={**RECIPE.unlike, **ON_TEST},
            source="FlashVTG/scripts/tacos/train.sh, FlashVTG/config.py, data/MR.py",
        ),
    }  # fmt: skip
    small: ClassVar[Recipe] = SMALL_DETR.changed(config={"dummies": 8, "text_layers": 2, "encoder_layers": 2})
    batch_leaks = True

    def __init__(
        self,
        config: Any = None,
        *,
        longest: int | None = 75,
        clip_seconds: float = 2.0,
        contrast: float = 0.1,
        label: float = 4.0,
        suppress: float | None = 0.7,
        fade: bool = False,
        strict_official: bool = False,
        **rest: Any,
    ) -> None:
        super().__init__(config, longest=longest, strict_official=strict_official, **rest)
        self.options |= {
            "clip_seconds": clip_seconds,
            "contrast": contrast,
            "label": label,
            "suppress": suppress,
            "fade": fade,
        }
        self.clip_seconds, self.suppress, self.fade = clip_seconds, suppress, fade
        self.weighting = {**self.loss_weights, "loss_sal": contrast, "loss_label": label}

    @staticmethod
    def recognises(state: State) -> bool:
        """A pyramid, and dummies that draw attention from the words."""
        return "dummy_rep_token" in state and "conf_head.convs.0.weight" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Sizes of all parts; refuses models of highlights alone, whose windows were never trained."""
        if options.get("dset_name") in ("tvsum", "youtube_uni"):
            raise ModelError("was trained for highlights alone, so it finds no moments; take one of moment retrieval")
        return projection_sizes(state, options) | {
            "text_layers": layers(state, "transformer.t2v_encoder"),
            "encoder_layers": layers(state, "transformer.encoder"),
            "dummy_layers": layers(state, "txtproj_encoder"),
            "dummies": len(state["dummy_rep_token"]),
            "levels": len(state["coef"]),
            "kernel": state["conf_head.convs.0.weight"].shape[-1],
            "convolutions": sum(key.startswith("conf_head.convs.") and key.endswith("bias") for key in state),
            "perceptron": layers(state, "conf_head.fc"),
        }

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """How many clips are taken at once, as far as points reach, their length, and what is left of overlaps.

        Raises ModelError for suppression of an unknown kind.
        """
        rows = super().settings(state, options)
        if (kind := options.get("nms_type", "normal")) not in ("normal", "linear"):
            raise ModelError(f"suppresses windows in a way that is unknown here (nms_type {kind})")
        if (most := options.get("nms_thd", -1)) > 0:  # said when it is evaluated; of none, what scripts have
            rows["suppress"] = float(most)
        return {
            **rows,
            "fade": kind == "linear",
            "longest": min(rows["longest"] or LONGEST, LONGEST),
            "clip_seconds": float(options.get("clip_length", 2.0)),
        }

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> FlashVTGTargets:
        """Windows, pairs of clips, ratings, and which items are negatives of each other."""
        of = detr_targets(examples, rng)
        assert of.positive is not None and of.negative is not None and of.ratings is not None
        windows = nowhere_padded([e.windows / self.clip_seconds for e in examples])
        neighbours = Neighbours.of([source_video(e.example.video) for e in examples])
        return FlashVTGTargets(windows, Pairs(of.positive, of.negative, MARGIN), of.ratings, neighbours)

    def predict(self, inputs: tuple[Tensor, ...], targets: FlashVTGTargets) -> FlashVTGOutput:
        """The output with the pass with negatives."""
        output: FlashVTGOutput = self.model(*inputs, neighbours=targets.neighbours)
        return output

    def losses(self, output: FlashVTGOutput, targets: FlashVTGTargets) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their weighted sum as `total`."""
        losses = flash_vtg_losses(output, targets)
        return losses | {"total": weighted_sum(losses, self.weighting)}

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """Windows as officially decoded, inside the video, and the saliency curve; one example at a time."""
        return [self._answer(example) for example in examples]

    def _answer(self, example: FeatureExample) -> Answer:
        output: FlashVTGOutput = self.model(*self.inputs([example]))
        scores, best = output.logits[0].sigmoid().sort(descending=True)
        ends = (output.spans[0, best] * self.clip_seconds).clamp(0, example.duration)
        table = torch.cat([ends, scores[:, None]], dim=1)[:MOST].tolist()
        windows = [[float(f"{value:.4f}") for value in row] for row in table]
        windows = [[start, min(end, example.duration), score] for start, end, score in self.on_the_grid(windows)]
        saliency = [float(f"{value:.4f}") for value in output.saliency[0].tolist()]
        if self.suppress is not None or self.fade:
            windows = suppressed(windows, None if self.fade else self.suppress)
        return Answer(windows, saliency)
