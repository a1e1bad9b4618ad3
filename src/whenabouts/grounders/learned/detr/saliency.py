"""Saliency losses of QD-DETR and CG-DETR: clips ranked by annotators' scores, and low scores for another text."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["negative_pair", "rank_contrast"]

LEVELS = range(1, 12)  # sums of three annotators' scores from which clips count as positive
TEMPERATURE = 0.5
BLOCKED = -1e3


def negative_pair(scores: Tensor, mask: Tensor) -> Tensor:
    """How low clips (B, L) score for the text of another item: −log(1 − σ(s)), summed over clips, mean of items.

    Infinite for very large scores, as officially.
    """
    return (-torch.log(1 - scores.sigmoid()) * mask).sum(1).mean()


def rank_contrast(scores: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """Contrast of clips at or above each level with all others: scores, labels 0..12 and mask (B, L).

    Levels that no clip of the batch reaches, and items without a positive, count as 0. The sum over eleven levels is
    divided by twelve, as officially.
    """
    scores = mask * scores + (1 - mask) * BLOCKED
    logits = scores / TEMPERATURE
    logits = logits - logits.max(1, keepdim=True).values
    log_share = logits - torch.log(logits.exp().sum(1, keepdim=True) + 1e-6)
    positive = labels >= torch.arange(LEVELS.start, LEVELS.stop, device=labels.device)[:, None, None]
    mean = (positive * (log_share * mask)).sum(2) / (positive.sum(2) + 1e-6)  # (levels, B)
    return -mean.mean(1).sum() / 12
