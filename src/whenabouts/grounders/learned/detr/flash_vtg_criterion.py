"""Output and losses of FlashVTG: points of a pyramid inside moments, their distances to both ends, and saliency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from whenabouts.grounders.learned.detr.cg_criterion import Pairs, guided_saliency
from whenabouts.grounders.learned.detr.pyramid import Points, clip_contrast, focal_loss, point_targets

__all__ = ["LOSS_WEIGHTS", "FlashVTGOutput", "flash_vtg_losses"]

LOSS_WEIGHTS = {"loss_reg": 1.0, "loss_cls": 5.0, "loss_sal": 0.1, "loss_saliency": 0.8, "loss_label": 4.0}


@dataclass(frozen=True)
class FlashVTGOutput:
    """Output of the model for P points, clips (B, L) with a `mask` and one pooled query per item.

    logits:  (B, P) of being inside a moment          ends: (B, P, 2) distances to start and end, in strides
    valid:   (B, P) 1 where a point covers a clip     clips: (B, L, d), query: (B, 1, d)
    saliency, attention: (B, L); with `_neg` and `negative_rows` as for CG-DETR
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
    negative_rows: Tensor | None = None

    @property
    def spans(self) -> Tensor:
        """(B, P, 2) starts and ends in clips."""
        return self.points.spans(self.ends)


def flash_vtg_losses(
    output: FlashVTGOutput, windows: Sequence[Tensor], pairs: Pairs, ratings: Tensor
) -> dict[str, Tensor]:
    """Unweighted losses by their official names; windows are B × (M, 2) starts and ends in clips, ratings (B, L)."""
    inside, ends = (torch.stack(x) for x in zip(*(point_targets(output.points, w) for w in windows), strict=True))
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
