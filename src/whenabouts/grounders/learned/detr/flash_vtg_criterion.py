"""Output and losses of FlashVTG: points of a pyramid inside moments, their distances to both ends, and saliency."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    cosine_similarity,
    log_softmax,
    max_pool1d,
    mse_loss,
)

from whenabouts.grounders.learned.detr.cg_criterion import Pairs, guided_saliency

__all__ = ["LOSS_WEIGHTS", "FlashVTGOutput", "Points", "flash_vtg_losses"]

LOSS_WEIGHTS = {"loss_reg": 1.0, "loss_cls": 5.0, "loss_sal": 0.1, "loss_saliency": 0.8, "loss_label": 4.0}
RADIUS = 1.5  # of the middle of a moment in which points count, in strides
GAMMA = 2.0  # of the focal loss
TEMPERATURE = 0.07


@dataclass(frozen=True)
class Points:
    """Where the P rows of a pyramid stand: clip numbers and strides, and how far away (in clips) ends may be."""

    place: Tensor
    stride: Tensor
    least: Tensor
    most: Tensor

    @classmethod
    def of(cls, counts: Sequence[int], levels: int, device: torch.device) -> Points:
        """Of levels with so many rows each; level i has stride 2^i, the last of `levels` takes ends however far."""
        parts: list[tuple[Tensor, ...]] = []
        for level, count in enumerate(counts):
            stride = 2.0**level
            least = 0.0 if level == 0 else stride
            most = math.inf if level == levels - 1 else 2 * stride
            places = torch.arange(count, device=device) * stride
            parts.append((places, *(torch.full_like(places, value) for value in (stride, least, most))))
        return cls(*(torch.cat(column) for column in zip(*parts, strict=True)))


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
        sign = torch.tensor([-1.0, 1.0], device=self.ends.device)
        return self.ends * sign * self.points.stride[:, None] + self.points.place[:, None]


def valid_points(mask: Tensor, counts: Sequence[int]) -> Tensor:
    """(B, P): 1 where a point covers at least one clip of the mask (B, L)."""
    return torch.cat([max_pool1d(mask, 2**i, 2**i) if i else mask for i in range(len(counts))], dim=1)


def flash_vtg_losses(
    output: FlashVTGOutput, windows: Sequence[Tensor], pairs: Pairs, ratings: Tensor
) -> dict[str, Tensor]:
    """Unweighted losses by their official names; windows are B × (M, 2) starts and ends in clips, ratings (B, L)."""
    inside, ends = (torch.stack(x) for x in zip(*(_targets(output.points, w) for w in windows), strict=True))
    probability = output.logits.sigmoid()
    wrong = torch.where(inside > 0, 1 - probability, probability)
    focal = binary_cross_entropy_with_logits(output.logits, inside, reduction="none") * wrong**GAMMA
    gap = (output.ends - ends).abs() * inside[..., None]
    return {
        "loss_reg": gap.sum() / (2 * inside.sum()).clamp(min=1),
        "loss_cls": (focal * output.valid).sum() / output.valid.sum(),
        "loss_sal": _contrast(output, ratings, pairs.positive[:, 0]),
        "loss_saliency": guided_saliency(output, pairs, ratings),
        # over the whole batch, padding included, as officially
        "loss_label": mse_loss(_stretched(output.logits[:, : ratings.shape[1]]), _stretched(ratings)),
    }


def _targets(points: Points, windows: Tensor) -> tuple[Tensor, Tensor]:
    """Whether each point counts (P,), and its distances to the ends of the shortest moment it counts for (P, 2)."""
    place, stride = points.place[:, None], points.stride[:, None]
    if not len(windows):
        return torch.zeros_like(points.place), torch.zeros(len(place), 2, device=place.device)
    start, end = windows[:, 0], windows[:, 1]
    middle = (start + end) / 2
    near = torch.minimum(
        place - torch.maximum(middle - stride * RADIUS, start), torch.minimum(middle + stride * RADIUS, end) - place
    )
    distance = torch.stack([place - start, end - place], dim=-1)
    far = distance.amax(-1)
    counts = (near >= 0) & (far >= points.least[:, None]) & (far <= points.most[:, None])
    lengths = (end - start).expand_as(near).masked_fill(~counts, torch.inf)
    chosen = lengths.min(1).indices
    return counts.any(1).float(), distance[torch.arange(len(place)), chosen] / stride


def _contrast(output: FlashVTGOutput, ratings: Tensor, positive: Tensor) -> Tensor:
    """A positive clip is liker the query than clips rated no higher, and than clips of the batch at one place."""
    item = torch.arange(len(ratings), device=ratings.device)
    lower = (ratings <= ratings[item, positive][:, None]) & (output.mask > 0)
    likeness = cosine_similarity(output.clips, output.query, dim=-1) / TEMPERATURE
    likeness = likeness.masked_fill(~lower, -torch.inf)
    along, across = log_softmax(likeness, dim=1), log_softmax(likeness.T, dim=1)
    return -along[item, positive].mean() - across[positive, item].mean()


def _stretched(values: Tensor) -> Tensor:
    """To [0, 1] of all; officially not a number where all are equal, here 0."""
    reach = values.max() - values.min()
    return (values - values.min()) / torch.where(reach > 0, reach, 1)
