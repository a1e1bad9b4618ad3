"""UniVTG (Lin et al. 2023, arXiv:2307.16715): every clip says whether it is inside a moment and how far its ends are.

There are no queries: one encoder over clips and words, then convolutional heads per clip. The official heads look at
padded clips beyond the end of a video, so that its last three clips depend on the batch; here padding is kept at zero,
and `strict_official` brings the leak back. Saliency is the cosine of a clip with the words *before* the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy, cosine_similarity, log_softmax, normalize, smooth_l1_loss

from whenabouts.grounders.learned.detr.criterion import mean_or_zero
from whenabouts.grounders.learned.detr.decode import Windows, ranked_windows
from whenabouts.grounders.learned.detr.layers import EncoderLayer, TextPosition, input_projection, sine_position
from whenabouts.grounders.learned.detr.spans import generalised_iou

__all__ = [
    "LOSS_WEIGHTS",
    "UniVTG",
    "UniVTGConfig",
    "UniVTGOutput",
    "UniVTGTargets",
    "decode_clips",
    "timestamps",
    "univtg_losses",
]

LOSS_WEIGHTS = {"loss_f": 10.0, "loss_b": 10.0, "loss_g": 1.0, "loss_s_inter": 0.01, "loss_s_intra": 0.05}
TEMPERATURE = 0.07
OUTSIDE = 0.1  # weight of clips outside every moment in the foreground loss
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


@dataclass(frozen=True)
class UniVTGOutput:
    """What the model says of every clip.

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
    """What is true of every clip.

    times: (B, L, 2) its place in [0, 1], twice     valid: (B, L)     inside: (B, L) 1 within a moment
    windows: (B, L, 2) start and end of that moment, in [0, 1]
    saliency: (B, L) mean ratings                   salient: (B,) the number of a positive clip
    classes: (B, K) 1 where the query names this class, for closed sets
    """

    times: Tensor
    valid: Tensor
    inside: Tensor
    windows: Tensor
    saliency: Tensor
    salient: Tensor
    classes: Tensor | None = None


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
        position = torch.cat([sine_position(video_mask, self.config.hidden), torch.zeros_like(words)], dim=1)
        for layer in self.transformer.encoder.layers:
            x = layer(x, position, mask)
        memory = x[:, : clips.shape[1]]
        inside = self.class_embed(memory, video_mask).sigmoid().squeeze(-1)
        spans = self.span_embed(memory, video_mask).sigmoid() * torch.tensor([-1.0, 1.0], device=memory.device)
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


def univtg_losses(output: UniVTGOutput, targets: UniVTGTargets) -> dict[str, Tensor]:
    """Unweighted losses by their official names: foreground, boundaries, gIoU, saliency between and within videos."""
    weight = torch.where(targets.inside > 0, 1.0, OUTSIDE)
    foreground = binary_cross_entropy(output.inside, targets.inside, weight, reduction="none") * targets.valid
    chosen = targets.inside.bool()
    found, true = (targets.times + output.spans)[chosen], targets.windows[chosen]
    between, within = _saliency_losses(output, targets)
    return {
        "loss_f": foreground.sum() / targets.valid.sum(),
        "loss_b": smooth_l1_loss(found, true, reduction="none").sum() / max(len(found), 1),
        "loss_g": mean_or_zero(1 - torch.diag(generalised_iou(found, true))),
        "loss_s_inter": between,
        "loss_s_intra": within,
    }


def _saliency_losses(output: UniVTGOutput, targets: UniVTGTargets) -> tuple[Tensor, Tensor]:
    if not targets.saliency.sum():
        return output.saliency.sum() * 0, output.saliency.sum() * 0
    shows = targets.saliency.sum(1) > 0  # all items but absent queries, which official data does not have
    clips, words, salient = output.clips[shows], output.words[shows], targets.salient[shows]
    item = torch.arange(len(clips), device=clips.device)
    picked = clips[item, salient]
    likeness = normalize(picked, dim=-1) @ normalize(words, dim=-1).T / TEMPERATURE
    between = -log_softmax(likeness, dim=1).diagonal().mean() - log_softmax(likeness.T, dim=1).diagonal().mean()
    if output.classes is not None and targets.classes is not None:
        likeness = normalize(picked, dim=-1) @ normalize(output.classes, dim=-1).T / TEMPERATURE
        return between, -log_softmax(likeness, dim=1)[targets.classes.bool()[shows]].mean()
    rated = targets.saliency[shows]
    lower = rated < rated[item, salient][:, None]
    lower[item, salient] = True
    cosine = cosine_similarity(clips, words[:, None], dim=-1)
    logits = (cosine + torch.log((lower & targets.valid[shows].bool()) + TINY)) / TEMPERATURE
    # the second softmax runs over the batch at one place, as officially
    along, across = log_softmax(logits, dim=1), log_softmax(logits.T, dim=1)
    within = -along[item, salient].mean() - across[salient, item].mean()
    return between, within
