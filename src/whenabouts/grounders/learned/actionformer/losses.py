"""What points should say of true actions, and the losses of what they do say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

from whenabouts.grounders.learned.actionformer.decode import Points
from whenabouts.grounders.learned.actionformer.model import Found

__all__ = ["Truth", "losses", "stacked_targets", "targets"]

ALPHA, GAMMA = 0.25, 2.0  # of the focal loss
ALIKE = 1e-3  # rows: actions that are so nearly equally long are both answered


class Truth(NamedTuple):
    """Actions of a video: windows (N, 2) in rows, float32, and class numbers (N,)."""

    windows: Tensor
    label: Tensor


def targets(points: Points, truth: Truth, classes: int, radius: float) -> tuple[Tensor, Tensor]:
    """Classes (P, classes) as 0 and 1, and distances to start and end (P, 2) in strides.

    A point answers for the shortest action whose middle is within `radius` strides and whose farther end is at a
    distance that its level answers for.
    """
    if not len(truth.windows):
        return points.place.new_zeros(len(points.place), classes), points.place.new_zeros(len(points.place), 2)
    start, end = truth.windows[None, :, 0], truth.windows[None, :, 1]
    place, stride = points.place[:, None], points.stride[:, None]
    distances = torch.stack([place - start, end - place], -1)
    middle = 0.5 * (start + end)
    inside = torch.minimum(
        place - torch.maximum(middle - radius * stride, start), torch.minimum(middle + radius * stride, end) - place
    )
    farther = distances.max(-1).values
    fits = (inside > 0) & (farther >= points.least[:, None]) & (farther <= points.most[:, None])
    length = (end - start).expand(len(place), -1).masked_fill(~fits, float("inf"))
    shortest, which = length.min(1)
    alike = (length <= shortest[:, None] + ALIKE) & (length < float("inf"))
    said = alike.float() @ one_hot(truth.label, classes).float()
    rows = torch.arange(len(place), device=place.device)
    return said.clamp(0, 1), distances[rows, which] / points.stride[:, None]


def stacked_targets(points: Points, truths: Sequence[Truth], classes: int, radius: float) -> tuple[Tensor, Tensor]:
    """`targets` of every video: (B, P, classes) and (B, P, 2)."""
    said, distances = zip(*(targets(points, truth, classes, radius) for truth in truths), strict=True)
    return torch.stack(said), torch.stack(distances)


def losses(
    found: Found, said: Tensor, distances: Tensor, norm: Tensor, *, smoothing: float
) -> tuple[dict[str, Tensor], Tensor]:
    """The two official losses, and the new value of what they are divided by: a running mean of answering points.

    said, distances: as `stacked_targets` gives them
    """
    positive = (said.sum(-1) > 0) & found.mask
    norm = 0.9 * norm + 0.1 * positive.sum().clamp(min=1)
    smooth = said * (1 - smoothing) + smoothing / (found.logits.shape[-1] + 1)
    return {
        "cls_loss": focal(found.logits, smooth, found.mask[..., None]) / norm,
        "reg_loss": diou(found.offsets, distances, positive) / norm,
    }, norm


def focal(logits: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """Focal loss (arXiv:1708.02002), summed over what is `counted`."""
    p = torch.sigmoid(logits)
    right = p * wanted + (1 - p) * (1 - wanted)
    weight = ALPHA * wanted + (1 - ALPHA) * (1 - wanted)
    ce = binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return (weight * ce * (1 - right) ** GAMMA * counted).sum()


def diou(found: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """DIoU loss (arXiv:1911.08287) of distances (..., 2) from the same point, summed over what is `counted`."""
    shared = torch.minimum(found, wanted).sum(-1)
    union = found.sum(-1) + wanted.sum(-1) - shared
    apart = 0.5 * (found[..., 1] - found[..., 0] - wanted[..., 1] + wanted[..., 0])
    hull = torch.maximum(found, wanted).sum(-1)
    distance = 1 - shared / union.clamp(min=1e-8) + (apart / hull.clamp(min=1e-8)) ** 2
    return (distance * counted).sum()
