"""Output and losses of TR-DETR: the family's with a focal loss of the classes, and two that align video and text."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, normalize

from whenabouts.grounders.learned.detr.criterion import (
    USUAL,
    Criterion,
    DETROutput,
    DETRTargets,
    hinge_saliency,
    matched_losses,
)
from whenabouts.grounders.learned.detr.saliency import rank_contrast

__all__ = ["TRDETROutput", "TRDETRTargets", "tr_detr_losses"]

TEMPERATURE = 0.07  # of both alignments
SHARE_OF_MOMENTS, FOCUS = 0.25, 2.0  # of the focal loss: its α and γ


@dataclass(frozen=True, kw_only=True)
class TRDETROutput(DETROutput):
    """Output of the model.

    clips, words:           (B, L, d) and (B, T, d) as projected, before they meet
    clip_mean, word_mean:   (B, d) their means
    word_mask:              (B, T)
    """

    mask: Tensor
    clips: Tensor
    words: Tensor
    clip_mean: Tensor
    word_mean: Tensor
    word_mask: Tensor


@dataclass(frozen=True, kw_only=True)
class TRDETRTargets(DETRTargets):
    """The family's, and which clips (B, L) are of the moments: 1 or 0."""

    inside: Tensor


def tr_detr_losses(output: TRDETROutput, targets: TRDETRTargets, *, criterion: Criterion = USUAL) -> dict[str, Tensor]:
    """Unweighted losses, the family's by their official names.

    loss_vtc and loss_ctc have their names from their weights, the official options VTC_loss_coef and CTC_loss_coef:
    videos and texts of a batch that belong together, and clips that belong to the text.
    """
    losses = matched_losses(output, targets.spans, criterion, _focal)
    if targets.positive is not None and targets.negative is not None and targets.ratings is not None:
        hinge = hinge_saliency(output.saliency, targets.positive, targets.negative, criterion.margin)
        losses["loss_saliency"] = hinge + rank_contrast(output.saliency, targets.ratings, output.mask)
    losses["loss_vtc"] = _whole(output.clip_mean, output.word_mean)
    losses["loss_ctc"] = _clips(output, targets.inside)
    return losses


def _focal(logits: Tensor, classes: Tensor) -> Tensor:
    """Each class by itself (arXiv:1708.02002); `SHARE_OF_MOMENTS` weighs what is true, whichever class it is."""
    true = torch.stack([1 - classes, classes], dim=-1).to(logits.dtype)
    entropy = binary_cross_entropy_with_logits(logits, true, reduction="none")
    right = torch.where(true > 0, logits, -logits).sigmoid()
    weight = torch.where(true > 0, SHARE_OF_MOMENTS, 1 - SHARE_OF_MOMENTS)
    return (weight * (1 - right) ** FOCUS * entropy).mean()


def _whole(video: Tensor, text: Tensor) -> Tensor:
    """Contrast of every text (B, d) with every video (B, d), both ways."""
    likeness = normalize(text, dim=1) @ normalize(video, dim=1).T / TEMPERATURE
    own = torch.arange(len(likeness), device=likeness.device)
    return (cross_entropy(likeness, own) + cross_entropy(likeness.T, own)) / 2


def _clips(output: TRDETROutput, inside: Tensor) -> Tensor:
    """Whether a clip belongs to the moments, by its likeness to the text; padding counts in the mean, as officially."""
    mask = output.word_mask[..., None]
    text = (normalize(output.words, dim=2) * mask).sum(1) / mask.sum(1)
    likeness = (normalize(output.clips, dim=2) @ text[..., None]).squeeze(-1) * output.mask
    return binary_cross_entropy_with_logits(likeness / TEMPERATURE, inside)
