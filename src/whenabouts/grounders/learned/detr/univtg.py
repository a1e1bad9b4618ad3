"""UniVTG (Lin et al. 2023, arXiv:2307.16715): every clip predicts whether it is in a moment and how far its ends are.

There are no queries: one encoder over clips and words, then convolutional heads per clip. The official heads look at
padded clips beyond the end of a video, so that its last three clips depend on the batch; here padding is kept at zero,
and `strict_official` brings the leak back. Saliency is the cosine of a clip with the words *before* the encoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy, cosine_similarity, log_softmax, normalize, smooth_l1_loss

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.batching import padded, valid_rows
from whenabouts.grounders.learned.detr.batch import Batch, padded_rows, pairs
from whenabouts.grounders.learned.detr.criterion import weighted_sum
from whenabouts.grounders.learned.detr.decode import Windows, ranked_windows, saliency_curve
from whenabouts.grounders.learned.detr.head import MAX_CLIPS, SMALL_DETR, ClipHead
from whenabouts.grounders.learned.detr.layers import EncoderLayer, TextPosition, input_projection, sine_position
from whenabouts.grounders.learned.detr.official import layers, projection_sizes
from whenabouts.grounders.learned.detr.spans import generalised_iou
from whenabouts.grounders.learned.head import Answer, State
from whenabouts.grounders.learned.recipe import Recipe
from whenabouts.moment import nms

__all__ = [
    "UniVTG",
    "UniVTGConfig",
    "UniVTGHead",
    "UniVTGOutput",
    "UniVTGTargets",
    "decode_clips",
    "timestamps",
    "univtg_losses",
    "univtg_targets",
]

LOSS_WEIGHTS = {"loss_f": 10.0, "loss_b": 10.0, "loss_g": 1.0, "loss_s_inter": 0.01, "loss_s_intra": 0.05}
TEMPERATURE = 0.07
DUPLICATE_TIOU, MOST = 0.7, 10  # official suppression: overlap from which the weaker window goes, windows kept
TINY = 1e-45  # the smallest float32: its logarithm, -103, blocks a clip


@dataclass(frozen=True)
class UniVTGConfig:
    """Sizes as published for QVHighlights with SlowFast and CLIP features; see `MomentDETRConfig`."""

    video_dim: int = 2818
    text_dim: int = 512
    hidden: int = 1024
    heads: int = 8
    feedforward: int = 1024
    layers: int = 4
    projections: int = 2
    words: int = 75
    dropout: float = 0.0
    drop_path: float = 0.1
    input_dropout: float = 0.5
    text_positions: bool = False


@dataclass(frozen=True)
class UniVTGOutput:
    """Output of the model for every clip.

    inside:   (B, L) probability of lying in a moment      spans: (B, L, 2) −distance to the start, +distance to the end
    saliency: (B, L) cosine with the words, −103 beyond the end
    clips, words: (B, L, d) and (B, d) before the encoder, as the contrastive losses take them
    classes:  (K, d) names of classes, pooled like the words, where they are given
    """

    inside: Tensor
    spans: Tensor
    saliency: Tensor
    clips: Tensor
    words: Tensor
    classes: Tensor | None = None


@dataclass(frozen=True)
class UniVTGTargets:
    """Targets of every clip.

    times: (B, L, 2) its place in [0, 1], twice     valid: (B, L)     inside: (B, L) 1 within a moment
    windows: (B, L, 2) start and end of that moment, in [0, 1]
    saliency: (B, L) mean ratings                   positive: (B,) the number of a positive clip
    classes: (B, K) 1 where the query names this class, for closed sets
    shows: numbers of the items with a clip that stands out, all but absent queries; None is all of them
    """

    times: Tensor
    valid: Tensor
    inside: Tensor
    windows: Tensor
    saliency: Tensor
    positive: Tensor
    classes: Tensor | None = None
    shows: Tensor | None = None


def timestamps(clips: int, clip_seconds: float = 2.0) -> Tensor:
    """The official place of every clip in [0, 1], (L,): (i + clip_seconds / 2) / L, a true centre for 1 s clips."""
    return (torch.arange(clips) + clip_seconds / 2) / clips


class UniVTG(nn.Module):
    """The model; parameters are named as in the official state dict, without its `module.` prefix."""

    def __init__(self, config: UniVTGConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or UniVTGConfig()
        self.transformer = _Transformer(c)
        self.txt_position_embed = TextPosition(c.words, c.hidden, c.input_dropout)
        self.token_type_embeddings = nn.Embedding(2, c.hidden)
        self.span_embed = _ConvHead(c.hidden, 2, leak=strict_official)
        self.class_embed = _ConvHead(c.hidden, 1, leak=strict_official)
        self.input_txt_proj = input_projection(c.text_dim, c.hidden, c.projections, c.input_dropout)
        self.input_vid_proj = input_projection(c.video_dim, c.hidden, c.projections, c.input_dropout)
        self.weightedpool = _WeightedPool(c.hidden)

    def forward(
        self,
        video: Tensor,
        video_mask: Tensor,
        text: Tensor,
        text_mask: Tensor,
        *,
        classes: tuple[Tensor, Tensor] | None = None,
    ) -> UniVTGOutput:
        """Clips (B, L, video_dim) and words (B, T, text_dim) with masks (B, L) and (B, T), 1 where valid.

        `classes` are the names of a closed set, (K, T', text_dim) with a mask (K, T').
        """
        clips = self.input_vid_proj(video) + self.token_type_embeddings.weight[1]
        words = self.input_txt_proj(text) + self.token_type_embeddings.weight[0]
        x = torch.cat([clips, words], dim=1)
        mask = torch.cat([video_mask, text_mask], dim=1).bool()
        word_position = self.txt_position_embed(words) if self.config.text_positions else torch.zeros_like(words)
        position = torch.cat([sine_position(video_mask, self.config.hidden), word_position], dim=1)
        *earlier, last = self.transformer.encoder.layers
        for layer in earlier:
            x = layer(x, position, mask)
        memory = last(x, position, mask, clips.shape[1])  # of words nothing is asked
        inside = self.class_embed(memory, video_mask).sigmoid().squeeze(-1)
        before, after = self.span_embed(memory, video_mask).sigmoid().unbind(-1)
        spans = torch.stack([-before, after], dim=-1)
        whole = self.weightedpool(words, text_mask)
        saliency = cosine_similarity(clips, whole[:, None], dim=-1) + torch.log(video_mask + TINY)
        names = None
        if classes is not None:
            names = self.weightedpool(
                self.input_txt_proj(classes[0]) + self.token_type_embeddings.weight[0], classes[1]
            )
        return UniVTGOutput(inside, spans, saliency, clips, whole, names)


class _Encoder(nn.Module):
    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)


class _Transformer(nn.Module):
    def __init__(self, c: UniVTGConfig) -> None:
        super().__init__()
        sizes = (c.hidden, c.heads, c.feedforward, c.dropout)
        self.encoder = _Encoder(
            [EncoderLayer(*sizes, activation=nn.GELU, drop_path=c.drop_path) for _ in range(c.layers)]
        )
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)


class _ConvHead(nn.Module):
    """Three convolutions over clips with ReLU between; without `leak` padded clips stay zero all the way."""

    def __init__(self, d: int, size_out: int, *, leak: bool) -> None:
        super().__init__()
        self.leak = leak
        sizes = [d, d, d, size_out]
        self.layers = nn.ModuleList(nn.Conv1d(a, b, 3, padding=1) for a, b in pairwise(sizes))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, d) and mask (B, L) -> (B, L, size_out)."""
        x = x.transpose(1, 2)
        for number, layer in enumerate(self.layers):
            x = layer(x if self.leak else x * mask[:, None])
            x = x.relu() if number < len(self.layers) - 1 else x
        return x.transpose(1, 2)


class _WeightedPool(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d, 1)))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, T, d) and mask (B, T) -> (B, d)."""
        share = ((x @ self.weight).squeeze(-1) + (1 - mask) * -1e30).softmax(1)
        return (share[..., None] * x).sum(1)


def decode_clips(
    output: UniVTGOutput, mask: Tensor, durations: Sequence[float], *, clip_seconds: float = 2.0
) -> list[Windows]:
    """Per item the windows [start, end, score] in seconds of all clips, best first, inside the video.

    Clips beyond the end of an item score 0. The official evaluation suppresses overlaps above 0.7 afterwards.
    """
    counts = mask.sum(1).int().tolist()
    places = mask.new_zeros(mask.shape)
    for row, count in zip(places, counts, strict=True):
        row[:count] = timestamps(count, clip_seconds)
    return ranked_windows(places[..., None] + output.spans, output.inside * mask, durations, clamp=True)


def univtg_targets(
    examples: Sequence[FeatureExample], rng: np.random.Generator, *, clip_seconds: float
) -> UniVTGTargets:
    """Targets of examples, on the CPU; of several windows over a clip the last."""
    places, inside, windows, saliency = [], [], [], []
    for e in examples:
        place = timestamps(len(e.video), clip_seconds).numpy().astype(np.float64)
        ends = np.clip(e.windows / e.duration, 0, 1)
        covers: NDArray[np.bool_] = np.logical_and(ends[:, 0] <= place[:, None], place[:, None] <= ends[:, 1])
        if len(ends) and not covers.any():  # a window between two clips belongs to the nearest
            covers[np.abs(place - ends[0].mean()).argmin(), 0] = True
        covered: NDArray[np.bool_] = np.logical_or.reduce(covers, axis=1)
        assigned = np.zeros((len(place), 2))
        for window, column in zip(ends, covers.T, strict=True):
            assigned[column] = window
        places.append(np.stack([place, place], 1))
        inside.append(covered)
        windows.append(assigned)
        saliency.append(e.ratings() / 3 if e.example.saliency is not None else covered)
    times = padded([[place.astype(np.float32)] for place in places])
    rated = padded_rows(saliency)
    return UniVTGTargets(
        times,
        valid_rows([len(place) for place in places], times.shape[1]).float(),
        padded_rows(inside),
        padded([[assigned.astype(np.float32)] for assigned in windows]),
        rated,
        torch.from_numpy(np.array([pairs(e, rng)[0][0] for e in examples])),
        shows=torch.from_numpy(np.flatnonzero(rated.sum(1) > 0)),
    )


def univtg_losses(output: UniVTGOutput, targets: UniVTGTargets, *, outside: float = 0.1) -> dict[str, Tensor]:
    """Unweighted losses by their official names: foreground, boundaries, gIoU, saliency between and within videos.

    outside: weight of clips outside every moment in the foreground loss
    """
    weight = torch.where(targets.inside > 0, 1.0, outside)
    foreground = binary_cross_entropy(output.inside, targets.inside, weight, reduction="none") * targets.valid
    chosen = targets.inside.bool()[..., None]
    nothing = torch.arange(2.0, device=chosen.device)  # elsewhere both are the whole video, of which no loss comes
    predicted = torch.where(chosen, targets.times + output.spans, nothing)
    target = torch.where(chosen, targets.windows, nothing)
    count = chosen.sum().clamp(min=1)
    between, within = _saliency_losses(output, targets)
    return {
        "loss_f": foreground.sum() / targets.valid.sum(),
        "loss_b": smooth_l1_loss(predicted, target, reduction="none").sum() / count,
        "loss_g": (1 - generalised_iou(predicted, target)).sum() / count,
        "loss_s_inter": between,
        "loss_s_intra": within,
    }


def _saliency_losses(output: UniVTGOutput, targets: UniVTGTargets) -> tuple[Tensor, Tensor]:
    shows = torch.arange(len(output.words), device=output.words.device) if targets.shows is None else targets.shows
    if not len(shows):
        return output.saliency.sum() * 0, output.saliency.sum() * 0
    clips, words, positive = output.clips[shows], output.words[shows], targets.positive[shows]
    item = torch.arange(len(clips), device=clips.device)
    picked = clips[item, positive]
    likeness = normalize(picked, dim=-1) @ normalize(words, dim=-1).T / TEMPERATURE
    between = -log_softmax(likeness, dim=1).diagonal().mean() - log_softmax(likeness.T, dim=1).diagonal().mean()
    if output.classes is not None and targets.classes is not None:
        likeness = normalize(picked, dim=-1) @ normalize(output.classes, dim=-1).T / TEMPERATURE
        return between, -log_softmax(likeness, dim=1)[targets.classes.bool()[shows]].mean()
    rated = targets.saliency[shows]
    lower = (rated < rated[item, positive][:, None]).scatter(1, positive[:, None], True)
    cosine = cosine_similarity(clips, words[:, None], dim=-1)
    logits = (cosine + torch.log((lower & targets.valid[shows].bool()) + TINY)) / TEMPERATURE
    # the second softmax runs over the batch at one place, as officially
    along, across = log_softmax(logits, dim=1), log_softmax(logits.T, dim=1)
    within = -along[item, positive].mean() - across[positive, item].mean()
    return between, within


RECIPE = Recipe(schedule="warm", drop=80, warm=10, patience=200, source="scripts/qvhl_pretrain.sh, main/config.py")


class UniVTGHead(ClipHead):
    """UniVTG.

    clip_seconds: of a row in training, which places the clips
    add:          saliency is the sum of likeness and probability, as officially for QVHighlights
    suppress:     of two windows that overlap by more the weaker is left out, and ten remain; None keeps all
    rest:         as of `ClipHead`
    """

    name, paper = "univtg", "2307.16715"
    config_class, model_class = UniVTGConfig, UniVTG
    loss_weights: ClassVar[Mapping[str, float]] = LOSS_WEIGHTS
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "qvhighlights": RECIPE,
        # no script was released for Charades-STA; its features are of clips of one second
        "charades-sta": RECIPE.changed(
            seconds=1.0,
            options={"clip_seconds": 1.0},
            source="main/config.py for the clips; no script was released, the rest is that of QVHighlights",
        ),
    }
    small: ClassVar[Recipe] = SMALL_DETR.changed(config={"layers": 2})
    batch_leaks = True

    def __init__(
        self,
        config: Any = None,
        *,
        longest: int | None = MAX_CLIPS,
        clip_seconds: float = 2.0,
        add: bool = True,
        suppress: float | None = DUPLICATE_TIOU,
        strict_official: bool = False,
        **rest: Any,
    ) -> None:
        super().__init__(config, longest=longest, strict_official=strict_official, **rest)
        self.options |= {"clip_seconds": clip_seconds, "add": add, "suppress": suppress}
        self.clip_seconds, self.add, self.suppress = clip_seconds, add, suppress

    @staticmethod
    def recognises(state: State) -> bool:
        """Words are pooled by learnt weights."""
        return "weightedpool.weight" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of all, and layers. Raises ModelError for sound, which officially it never takes."""
        sizes = projection_sizes(state, options)
        if sizes.pop("audio_dim"):
            raise ModelError("was trained with features of sound, which UniVTG does not take")
        positions = bool(options.get("use_txt_pos", False))
        return sizes | {"layers": layers(state, "transformer.encoder"), "text_positions": positions}

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Any number of clips and words, as officially; the length of a clip, and how answers are made of it."""
        told: dict[str, Any] = {"longest": None, "cut_words": bool(options.get("use_txt_pos", False))}
        if "clip_length" in options:
            told["clip_seconds"] = float(options["clip_length"])
        if "eval_mode" in options:
            told["add"] = options["eval_mode"] == "add"
        if (most := options.get("nms_thd", -1)) > 0:  # said when it is evaluated; of none, what scripts have
            told["suppress"] = float(most)
        return told

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> UniVTGTargets:
        """Targets of every clip."""
        return univtg_targets(examples, rng, clip_seconds=self.clip_seconds)

    def losses(self, output: UniVTGOutput, targets: UniVTGTargets) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their weighted sum as `total`."""
        losses = univtg_losses(output, targets)
        return losses | {"total": weighted_sum(losses, self.loss_weights)}

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """Windows as officially decoded, inside the video, and the saliency curve."""
        batch = Batch(*self.inputs(examples))
        output, answers = self.model(*batch), []
        ranked = decode_clips(output, batch.video_mask, [e.duration for e in examples], clip_seconds=self.clip_seconds)
        curves = saliency_curve(output.saliency, batch.video_mask)
        for exact, curve, inside in zip(ranked, curves, output.inside.tolist(), strict=True):
            windows = self.on_the_grid(exact)
            if self.suppress is not None:
                table = np.array(windows)
                windows = [windows[i] for i in nms(table[:, :2], table[:, 2], self.suppress)[:MOST]]
            total = [a + b for a, b in zip(curve, inside, strict=False)] if self.add else curve
            answers.append(Answer(windows, total))
        return answers
