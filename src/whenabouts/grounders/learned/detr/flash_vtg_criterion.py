"""Output and losses of FlashVTG: points of a pyramid inside moments, their distances to both ends, and saliency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from whenabouts.grounders.learned.detr.cg_criterion import Neighbours, Pairs, guided_saliency
from whenabouts.grounders.learned.detr.pyramid import Points, clip_contrast, focal_loss, point_targets

__all__ = ["LOSS_WEIGHTS", "FlashVTGOutput", "FlashVTGTargets", "flash_vtg_losses"]

LOSS_WEIGHTS = {"loss_reg": 1.0, "loss_cls": 5.0, "loss_sal": 0.1, "loss_saliency": 0.8, "loss_label": 4.0}


@dataclass(frozen=True)
class FlashVTGOutput:
    """Output of the model for P points, clips (B, L) with a `mask` and one pooled query per item.

    logits:  (B, P) of being inside a moment          ends: (B, P, 2) distances to start and end, in strides
    valid:   (B, P) 1 where a point covers a clip     clips: (B, L, d), query: (B, 1, d)
    saliency, attention: (B, L); with `_neg` and `neighbours` as for CG-DETR
    """

    logits: Tensor
    ends: Tensor
    points: Points
    valid: Tensor
    clips: Tensor
    query: Tensor
    saliency: Tensor
    attention: Tensor
    mask: Tensor
    saliency_scores_neg: Tensor | None = None
    attention_neg: Tensor | None = None
    neighbours: Neighbours | None = None

    @property
    def spans(self) -> Tensor:
        """(B, P, 2) starts and ends in clips."""
        return self.points.spans(self.ends)


class FlashVTGTargets(NamedTuple):
    """Windows (B, M, 2) in clips as `nowhere_padded` makes them, pairs of clips, and ratings (B, L)."""

    windows: Tensor
    pairs: Pairs
    ratings: Tensor
    neighbours: Neighbours | None = None


def flash_vtg_losses(output: FlashVTGOutput, targets: FlashVTGTargets) -> dict[str, Tensor]:
    """Unweighted losses by their official names."""
    windows, pairs, ratings, _ = targets
    inside, ends = point_targets(output.points, windows)
    gap = (output.ends - ends).abs() * inside[..., None]
    return {
        "loss_reg": gap.sum() / (2 * inside.sum()).clamp(min=1),
        "loss_cls": focal_loss(output.logits, inside, output.valid),
        "loss_sal": clip_contrast(output.clips, output.query, output.mask, ratings, pairs.positive[:, 0]),
        "loss_saliency": guided_saliency(output, pairs, ratings),
        # over the whole batch, padding included, as officially
        "loss_label": mse_loss(_stretched(output.logits[:, : ratings.shape[1]]), _stretched(ratings)),
    }


def _stretched(values: Tensor) -> Tensor:
    """To [0, 1] of all; officially not a number where all are equal, here 0."""
    reach = values.max() - values.min()
    return (values - values.min()) / torch.where(reach > 0, reach, 1)
