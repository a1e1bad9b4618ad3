"""TaskWeave (Yang et al. 2024, arXiv:2404.09263): moments and highlights are told apart, and then help each other.

Both go through one encoder, each behind a projection of its own. Then either the highlights help (`hd2mr`): clips that
score above the mean enter once more with twice the weight, and moments are found in those; or the moments do (`mr2hd`):
clips count for the highlights by how many of the moments found hold them. How much each task counts in training is
learnt. The authors published the code of `hd2mr`; Lighthouse has both.

Officially the mask of one convolution is turned round, so that it leaves nothing wherever there is a clip: what remains
of it is one learnt factor per channel, and its own parameters are never used. Padding officially takes part in maxima
of neighbouring clips, in the mean of scores, and in where moments lie, and one attention mask is ordered by heads where
it should go by items, as in QD-DETR. An answer so depends on its batch; here items are independent, and
`strict_official` brings that back. `mr2hd` officially takes videos of 75 clips and no others; here of any length.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool1d

from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.anchored import AnchoredConfig, AnchoredModel
from whenabouts.grounders.learned.detr.criterion import DETROutput, DETRTargets, weighted_sum
from whenabouts.grounders.learned.detr.dab import AnchorDecoder
from whenabouts.grounders.learned.detr.head import SMALL_DETR, DETRHead, family_sizes
from whenabouts.grounders.learned.detr.layers import (
    CrossLayer,
    EncoderLayer,
    Layers,
    PReLU,
    sine_position,
)
from whenabouts.grounders.learned.detr.official import layers
from whenabouts.grounders.learned.detr.recipes import HIGHLIGHTS_ALONE, LIGHTHOUSE, ON_THE_GRID
from whenabouts.grounders.learned.detr.spans import start_end
from whenabouts.grounders.learned.head import State
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["TaskWeave", "TaskWeaveConfig", "TaskWeaveHead"]

NEIGHBOURS = 5  # clips of which the greatest values are taken


@dataclass(frozen=True)
class TaskWeaveConfig(AnchoredConfig):
    """As of the family; officially `text_layers` are as many as options have encoder layers.

    mr2hd: whether moments help highlights; else highlights help moments
    """

    mr2hd: bool = False


class TaskWeave(AnchoredModel):
    """The model."""

    def __init__(self, config: TaskWeaveConfig | None = None, *, strict_official: bool = False) -> None:
        c = config or TaskWeaveConfig()
        super().__init__(c, _Transformer(c, strict_official), strict_official=strict_official)
        self.config = c
        self.saliency_proj_linear = nn.Linear(c.hidden, c.hidden)
        self.saliency_proj_local = nn.Conv1d(c.hidden, c.hidden, 1)
        self.output_saliency = nn.Linear(c.hidden, 1)
        self.hd_log_var, self.mr_log_var = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))

    def forward(
        self,
        video: Tensor,
        video_mask: Tensor,
        text: Tensor,
        text_mask: Tensor,
        *,
        negatives: bool | None = None,
        feedback: bool = True,
    ) -> DETROutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid.

        negatives: asks for the pass with the next item's words; None runs it in training alone.
        feedback:  whether one task helps the other
        """
        clips, words = self.input_vid_proj(video), self.input_txt_proj(text)
        valid, text_valid = video_mask.bool(), text_mask.bool()
        counted = torch.ones_like(valid) if self.strict_official else valid
        position = sine_position(video_mask, self.config.hidden)
        word_position = self.word_position(words)
        own = (valid, counted, position, words, word_position, text_valid)

        moments, highlights = self.transformer.weave(clips, *own)
        saliency = self._saliency(highlights)
        if feedback and not self.config.mr2hd:
            mean = (saliency * counted).sum(1, keepdim=True) / counted.sum(1, keepdim=True)
            moments, _ = self.transformer.weave(clips * (1 + (saliency > mean)[..., None].float()), *own)
        decoded, anchors = self.transformer.mr_decoder(moments, position, valid, self.query_embed.weight)
        logits, spans = self.found(decoded, anchors)
        if feedback and self.config.mr2hd:
            saliency = self._saliency(highlights, _held(spans[-1], counted))

        negative = None
        if negatives is None:
            negatives = self.training or self.strict_official
        if negatives:
            # positions stay those of the own words, as officially
            other = (words.roll(-1, 0), word_position, text_valid.roll(-1, 0))
            negative = self._saliency(self.transformer.weave(clips, valid, counted, position, *other)[1])
        earlier = tuple(zip(logits[:-1], spans[:-1], strict=True))
        return DETROutput(logits[-1], spans[-1], saliency, earlier, saliency_scores_neg=negative, mask=video_mask)

    def _saliency(self, highlights: Tensor, held: Tensor | None = None) -> Tensor:
        """(B, L, d) and how much a clip counts beside 1 (B, L) -> (B, L)."""
        weighed = highlights if held is None else highlights * (1 + held[..., None])
        local = self.saliency_proj_local(self.saliency_proj_linear(weighed).transpose(1, 2)).transpose(1, 2)
        score: Tensor = self.output_saliency(local).squeeze(-1)
        return score + highlights.sum(-1) / math.sqrt(self.config.hidden)


def _held(spans: Tensor, counted: Tensor) -> Tensor:
    """How many spans (B, Q, 2) hold each clip, counted in halves of clips, as a unit vector: (B, L)."""
    halves = 2 * counted.sum(1)[:, None, None]
    ends = torch.minimum((start_end(spans) * halves).clamp(min=0), halves - 1).long()
    half = torch.arange(2 * counted.shape[1], device=spans.device)
    holds = (ends[..., :1] <= half) & (half <= ends[..., 1:])
    count = holds.sum(1).view(*counted.shape, 2).float().mean(-1)
    unit: Tensor = count / count.norm(dim=1, keepdim=True)
    return unit


class _Convolution(nn.Module):
    """In every checkpoint, and never used."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(d, d, NEIGHBOURS, padding=NEIGHBOURS // 2, groups=d, bias=False)


class _Norm(nn.Module):
    """A norm of nothing, which leaves its bias."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(1, d, 1)), nn.Parameter(torch.zeros(1, d, 1))


class _Transformer(nn.Module):
    def __init__(self, c: TaskWeaveConfig, strict_official: bool) -> None:
        super().__init__()
        sizes = (c.hidden, c.heads, c.feedforward, c.dropout)
        self.t2v_encoder = Layers(CrossLayer(*sizes, strict_official=strict_official) for _ in range(c.text_layers))
        self.shared_encoder = Layers(EncoderLayer(*sizes, activation=PReLU) for _ in range(c.encoder_layers))
        self.mr_linear, self.hd_linear = nn.Linear(c.hidden, c.hidden), nn.Linear(c.hidden, c.hidden)
        self.mr_conv, self.mr_norm = _Convolution(c.hidden), _Norm(c.hidden)
        self.mr_proj = nn.Conv1d(c.hidden, c.hidden, 1)
        self.mr_decoder = AnchorDecoder(c.hidden, c.heads, c.feedforward, c.decoder_layers, c.dropout)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def weave(
        self,
        clips: Tensor,
        valid: Tensor,
        counted: Tensor,
        position: Tensor,
        words: Tensor,
        word_position: Tensor,
        word_valid: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """What moments and what highlights are found in: (B, L, d) each."""
        for layer in self.t2v_encoder.layers:
            clips = layer(clips, position, valid, words, word_position, word_valid)
        clips = _greatest(clips, counted)
        moments, highlights = self.mr_linear(clips), self.hd_linear(clips)
        factor = self.mr_proj(self.mr_norm.bias).transpose(1, 2)  # all that is left of what was convolved
        return (
            factor * self._share(moments, valid, counted, position),
            highlights * self._share(highlights, valid, counted, position),
        )

    def _share(self, x: Tensor, valid: Tensor, counted: Tensor, position: Tensor) -> Tensor:
        for layer in self.shared_encoder.layers:
            x = layer(x, position, valid)
        return _greatest(x, counted)


def _greatest(x: Tensor, counted: Tensor) -> Tensor:
    """Of every channel the greatest value among neighbouring clips that are counted: (B, L, d) -> (B, L, d)."""
    x = x.masked_fill(~counted[..., None], -torch.inf).transpose(1, 2)
    return max_pool1d(x, NEIGHBOURS, 1, NEIGHBOURS // 2).transpose(1, 2).masked_fill(~counted[..., None], 0)


RECIPE = Recipe(
    schedule="step",
    drop=400,
    patience=200,
    ema=0.9,
    ema_every="epoch",
    options=ON_THE_GRID,
    source="taskweave/scripts/train.sh, taskweave/config.py",
)
SOUND: Mapping[str, Any] = {"config": {"audio_dim": 2050}, "options": {"sound_ends": True}}  # PANN; rows have own ends
TVSUM = RECIPE.changed(
    rate=1e-3,
    batch=4,
    epochs=2000,
    drop=2000,
    patience=None,
    best="mAP",
    seed=0,
    config={"video_dim": 2050},
    options=HIGHLIGHTS_ALONE | {"longest": 1000},
    source="taskweave/scripts/tvsum/train_tvsum.sh, taskweave/config.py",
    unlike={"seed": "0, 1, 2, 3 and 2017, one run each"},
)


class TaskWeaveHead(DETRHead):
    """TaskWeave.

    saliency: weight of the saliency loss beside those of the moments, before what is learnt
    alone:    epochs in which no task helps the other
    """

    name, paper = "taskweave", "2404.09263"
    config_class, model_class = TaskWeaveConfig, TaskWeave
    loss_weights: ClassVar[Mapping[str, float]] = {"loss_span": 1.0, "loss_giou": 1.0, "loss_label": 1.0}
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "qvhighlights": RECIPE,
        "qvhighlights/audio": RECIPE.changed(**SOUND, source="taskweave/scripts/train_audio.sh, taskweave/config.py"),
        "qvhighlights/mr2hd": LIGHTHOUSE["qvhighlights"].changed(
            config={"mr2hd": True}, ema=0.9, ema_every="epoch",
            source="Lighthouse configs/base.yml, configs/dataset/qvhighlight.yml, configs/model/taskweave_mr2hd.yml",
        ),
        **{  # whose loss leaves the weights of the options aside
            name: recipe.changed(options={"saliency": 2.0}, ema=0.9, ema_every="epoch")
            for name, recipe in LIGHTHOUSE.items()
            if name != "qvhighlights"
        },
        "tvsum": TVSUM,
        "tvsum/audio": TVSUM.changed(
            **SOUND, source="taskweave/scripts/tvsum/train_tvsum_audio.sh, taskweave/config.py"
        ),
    }  # fmt: skip
    small: ClassVar[Recipe] = SMALL_DETR.changed(options={"alone": 8})
    batch_leaks = True

    def __init__(self, config: Any = None, *, saliency: float = 2.0, alone: int = 100, **options: Any) -> None:
        super().__init__(config, saliency=saliency, **options)
        self.alone = alone
        self.options["alone"] = alone

    @staticmethod
    def recognises(state: State) -> bool:
        """How much each task counts is learnt."""
        return "hd_log_var" in state and "mr_log_var" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The family's, how many layers the text takes to enter the clips, and which task helps the other.

        Options of the authors' do not say the latter: their code is of `hd2mr` alone. Raises ModelError where the file
        may be Lighthouse's and does not say it.
        """
        if "mr2hd" not in options and ("model_name" in options or "dset_name" not in options):
            raise ModelError(
                "does not say which of its tasks helps the other (mr2hd), and the parameters of both are alike; put "
                "its options beside it as opt.json, or taskweave_hd2mr or taskweave_mr2hd into its name"
            )
        named = {k.replace("shared_encoder", "encoder").replace("mr_decoder", "decoder"): v for k, v in state.items()}
        return family_sizes(named, options) | {
            "text_layers": layers(state, "transformer.t2v_encoder"),
            "mr2hd": bool(options.get("mr2hd", False)),
        }

    def losses(self, output: DETROutput, targets: DETRTargets) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and `total`: each task's by what is learnt of it."""
        losses = self.unweighted(output, targets)
        assert isinstance(self.model, TaskWeave)
        moments = {name: value for name, value in losses.items() if name != "loss_saliency"}
        highlights = {"loss_saliency": losses["loss_saliency"]}
        total = torch.zeros(1, device=self.device)
        for task, weight in ((moments, self.model.mr_log_var), (highlights, self.model.hd_log_var)):
            total = total + weighted_sum(task, self.weighting) * torch.exp(-weight) + weight
        return losses | {"total": total.squeeze()}

    def predict(self, inputs: tuple[Tensor, ...], targets: DETRTargets) -> DETROutput:
        """The output with the pass with negatives, which always runs."""
        output: DETROutput = self.model(*inputs, negatives=True, feedback=self.epoch >= self.alone)
        return output
