"""Output and losses of R2-Tuning: points of a pyramid, saliency, and clips and queries alike in every layer of CLIP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, normalize

from whenabouts.grounders.learned.detr.pyramid import TEMPERATURE, Points, clip_contrast, focal_loss, point_targets

__all__ = ["LOSS_WEIGHTS", "R2TuningOutput", "R2TuningTargets", "r2_tuning_losses"]

LOSS_WEIGHTS = {"loss_cls": 1.0, "loss_reg": 0.2, "loss_sal": 0.1, "loss_video_cal": 0.1, "loss_layer_cal": 0.1}


@dataclass(frozen=True)
class R2TuningOutput:
    """Output of the model for P points, clips (B, L) with a `mask`, one pooled query per item, and k layers of CLIP.

    counts: rows of each level        valid: (B, P) 1 where a point covers a clip
    logits: (B, P) of being inside a moment, or of a highlight
    ends:   (B, P, 2) distances to start and end, in strides; None of a model of highlights alone
    clips:  (B, L, d), query: (B, 1, d)
    layer_clips: k of (B, L, d), layer_queries: k of (B, 1, d), the last layer first
    """

    logits: Tensor
    ends: Tensor | None
    points: Points
    counts: tuple[int, ...]
    valid: Tensor
    clips: Tensor
    query: Tensor
    mask: Tensor
    layer_clips: tuple[Tensor, ...]
    layer_queries: tuple[Tensor, ...]


class R2TuningTargets(NamedTuple):
    """Windows (B, M, 2) in clips as `nowhere_padded` makes them; saliency (B, L) in [0, 1], 0 in padding.

    positive: (B,) a clip of each that stands out
    """

    windows: Tensor
    saliency: Tensor
    positive: Tensor


def r2_tuning_losses(output: R2TuningOutput, windows: Tensor, saliency: Tensor, positive: Tensor) -> dict[str, Tensor]:
    """Unweighted losses by their official names, with the values of `R2TuningTargets`.

    A model of highlights alone learns the saliency itself, in place of moments.
    """
    losses = {}
    if output.ends is None:
        wrong = binary_cross_entropy_with_logits(output.logits, saliency, reduction="none")
        losses["loss_cls"] = (wrong * output.valid).sum() / output.valid.sum()
    else:
        inside, ends = point_targets(output.points, windows)
        losses["loss_cls"] = focal_loss(output.logits, inside, output.valid)
        gap = (output.ends - ends).abs() * inside[..., None]
        losses["loss_reg"] = gap.sum() / (2 * inside.sum()).clamp(min=1)  # officially not a number where none counts
    across = output.ends is not None
    losses["loss_sal"] = clip_contrast(output.clips, output.query, output.mask, saliency, positive, across=across)
    item = torch.arange(len(positive), device=positive.device)
    clips = torch.stack([layer[item, positive] for layer in output.layer_clips])  # (k, B, d)
    queries = torch.stack([layer[:, 0] for layer in output.layer_queries])
    losses["loss_video_cal"] = _nce(clips, queries)
    losses["loss_layer_cal"] = _nce(clips.transpose(0, 1), queries.transpose(0, 1))
    return losses


def _nce(a: Tensor, b: Tensor) -> Tensor:
    """InfoNCE (arXiv:1807.03748) both ways: rows of (G, N, d) are liker their partners than others of their group."""
    likeness = normalize(a, dim=-1) @ normalize(b, dim=-1).transpose(1, 2) / TEMPERATURE
    right = torch.arange(likeness.shape[1], device=a.device).expand(likeness.shape[:2])
    return (cross_entropy(likeness.transpose(1, 2), right) + cross_entropy(likeness, right)) / 2
