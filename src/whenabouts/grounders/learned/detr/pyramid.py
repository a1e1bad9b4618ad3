"""A pyramid over clips: each level halves the one before, and its points say whether a moment is there, and how far.

What FlashVTG and R2-Tuning share, whose official code is alike here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity, log_softmax, max_pool1d

__all__ = [
    "ConvHead",
    "Points",
    "Pooling",
    "Pyramid",
    "clip_contrast",
    "focal_loss",
    "nowhere_padded",
    "point_targets",
    "valid_points",
]

RADIUS = 1.5  # of the middle of a moment in which points count, in strides
NOWHERE = -1e6  # clips: where padding of windows starts and ends
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

    def spans(self, ends: Tensor) -> Tensor:
        """Distances (B, P, 2) to start and end, in strides -> starts and ends in clips."""
        before, after = ends.unbind(-1)
        return torch.stack([-before, after], -1) * self.stride[:, None] + self.place[:, None]


def valid_points(mask: Tensor, counts: Sequence[int]) -> Tensor:
    """(B, P): 1 where a point covers at least one clip of the mask (B, L)."""
    return torch.cat([max_pool1d(mask, 2**i, 2**i) if i else mask for i in range(len(counts))], dim=1)


def nowhere_padded(windows: Sequence[NDArray[np.floating]]) -> Tensor:
    """Windows of every item (M', 2), filled up with windows where no row is: (B, M, 2) float32, M at least 1."""
    table = np.full((len(windows), max(1, *map(len, windows)), 2), NOWHERE, np.float32)
    for row, of_item in zip(table, windows, strict=True):
        row[: len(of_item)] = of_item
    return torch.from_numpy(table)


def point_targets(points: Points, windows: Tensor) -> tuple[Tensor, Tensor]:
    """Whether each point counts (B, P), and its distances to the ends of the shortest moment it counts for (B, P, 2).

    windows: (B, M, 2) in clips, as `nowhere_padded` makes them
    """
    place, stride = points.place[:, None], points.stride[:, None]
    start, end = windows[:, None].unbind(-1)  # (B, 1, M)
    middle = (start + end) / 2
    near = torch.minimum(
        place - torch.maximum(middle - stride * RADIUS, start), torch.minimum(middle + stride * RADIUS, end) - place
    )
    distance = torch.stack([place - start, end - place], dim=-1)
    far = distance.amax(-1)
    counts = (near >= 0) & (far >= points.least[:, None]) & (far <= points.most[:, None])
    lengths = (end - start).expand_as(near).masked_fill(~counts, torch.inf)
    chosen = lengths.argmin(-1)[..., None, None].expand(-1, -1, 1, 2)
    return counts.any(-1).float(), distance.gather(2, chosen).squeeze(2) / stride


def focal_loss(logits: Tensor, inside: Tensor, valid: Tensor) -> Tensor:
    """Of points (B, P), the mean over valid ones (arXiv:1708.02002, without weights of classes)."""
    probability = logits.sigmoid()
    wrong = torch.where(inside > 0, 1 - probability, probability)
    focal = binary_cross_entropy_with_logits(logits, inside, reduction="none") * wrong**GAMMA
    return (focal * valid).sum() / valid.sum()


def clip_contrast(
    clips: Tensor, query: Tensor, mask: Tensor, ratings: Tensor, positive: Tensor, *, across: bool = True
) -> Tensor:
    """A positive clip (B,) is liker the query (B, 1, d) than the clips (B, L, d) that are rated no higher.

    across: it is liker its query than clips of the batch at the same place are to theirs, too
    """
    item = torch.arange(len(ratings), device=ratings.device)
    lower = (ratings <= ratings[item, positive][:, None]) & (mask > 0)
    likeness = cosine_similarity(clips, query, dim=-1) / TEMPERATURE
    likeness = likeness.masked_fill(~lower, -torch.inf)
    loss = -log_softmax(likeness, dim=1)[item, positive].mean()
    return loss - log_softmax(likeness.T, dim=1)[positive, item].mean() if across else loss


class _Turned(nn.Module):
    """Swaps the last two axes."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, d) <-> (B, d, L)."""
        return x.transpose(1, 2)


class Pyramid(nn.Module):
    """Each level halves the clips as often as its number says, from the start; those too short are left out."""

    def __init__(self, d: int, levels: int) -> None:
        super().__init__()
        halve = (_Turned, lambda: nn.Conv1d(d, d, 2, stride=2), _Turned, lambda: nn.LayerNorm(d), nn.ReLU)
        self.blocks = nn.ModuleList(
            nn.Sequential(*(make() for _ in range(level) for make in halve)) if level else nn.ReLU()
            for level in range(levels)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, L, d) -> levels of (B, L // 2^i, d)."""
        return [block(x) for level, block in enumerate(self.blocks) if x.shape[1] >= 2**level]


class Pooling(nn.Module):
    """Words as one vector, by an attention of one number a word."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.att = nn.Linear(d, 1, bias=False)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Words (B, T, d) and their mask (B, T) -> (B, 1, d)."""
        weights = self.att(x).squeeze(-1).masked_fill(mask == 0, -torch.inf).softmax(1)
        pooled: Tensor = weights[:, None] @ x
        return pooled


class ConvHead(nn.Module):
    """Two convolutions over the rows of a level."""

    def __init__(self, d: int, out: int) -> None:
        super().__init__()
        convs = nn.Conv1d(d, d, 3, padding=1), nn.ReLU(), nn.Conv1d(d, out, 3, padding=1)
        self.module = nn.Sequential(_Turned(), *convs, _Turned())

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, N, d) -> (B, N, out). With a mask (B, N) nothing is seen of rows outside, which officially are."""
        if mask is None:
            whole: Tensor = self.module(x)
            return whole
        hidden = self.module[:3](x * mask[..., None]) * mask[:, None]
        found: Tensor = self.module[3:](hidden)
        return found
