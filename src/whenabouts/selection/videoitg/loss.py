"""VideoITG's loss: cross-entropy of every frame, in which frames that are to be shown weigh more.

Source: NVlabs/VideoITG, `eagle/model/language_model/grounding_qwen2.py:EagleQwenG.forward`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

__all__ = ["HEAVIEST", "frame_loss", "labels", "positive_weight"]

HEAVIEST = 5.0  # of a positive frame


def positive_weight(targets: Tensor) -> Tensor:
    """sqrt(negatives / max(1, positives)), at most 5, over all frames of a batch."""
    positive = targets.sum()
    return ((targets.numel() - positive) / positive.clamp(min=1)).sqrt().clamp(max=HEAVIEST)


def frame_loss(logits: Sequence[Tensor], targets: Sequence[Tensor]) -> Tensor:
    """One number for a batch of videos, each with the logits and the labels (0 or 1) of its frames, (T,) float."""
    given, wanted = torch.cat([*logits]).float(), torch.cat([*targets]).float()
    return binary_cross_entropy_with_logits(given, wanted, pos_weight=positive_weight(wanted))


def labels(numbers: Sequence[int], frames: int) -> Tensor:
    """(frames,) with 1 at the places in `numbers`, which is `clip_num` of a row: places among the frames sampled."""
    marked = torch.zeros(frames)
    marked[list(numbers)] = 1.0
    return marked
