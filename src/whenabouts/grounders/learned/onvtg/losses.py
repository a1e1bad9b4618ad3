"""What OnVTG's scores and offsets are held against (minghangz/OnVTG, `libs/trainer.py`, `libs/modeling/loss.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from whenabouts.grounders.learned.onvtg.model import Found, Starts
from whenabouts.grounders.learned.universalvtg.decode import places, targets
from whenabouts.grounders.learned.universalvtg.head import focal, joined

__all__ = ["NEAR", "OnVTGTargets", "losses", "onvtg_targets", "overlap_and_middle"]

NEAR = 4.0  # rows to either side of a start that should predict it


class OnVTGTargets(NamedTuple):
    """Which places of all levels should answer (B, P), and their offsets (B, P, 2).

    since: (B, T) rows of level 0 since the nearest start, infinite where there is none
    """

    positive: Tensor
    offsets: Tensor
    since: Tensor


def onvtg_targets(windows: Sequence[Tensor], counts: Sequence[int], longest: int) -> OnVTGTargets:
    """Targets of levels with so many places, the finest first.

    windows: true moments of each item in rows of level 0, each (M, 2); of several the shortest counts, officially there
             is one
    longest: rows of the longest video, which the coarsest level reaches
    """
    where, place = places(counts, longest), torch.arange(counts[0]).float()
    positive, offsets = zip(*(targets(where, each) for each in windows), strict=True)
    return OnVTGTargets(
        torch.stack(positive), torch.stack(offsets), torch.stack([_since(place, each) for each in windows])
    )


def losses(found: Found, asked: OnVTGTargets, norms: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """Losses by their official names, and how many places should have answered, and predicted a start: (2,).

    norms: what sums are divided by: scores and ends, starts (2,)
    """
    logits, mask, offsets = joined(found.levels)
    positive = asked.positive & mask
    parts = {
        "cls": focal(logits, positive.float(), mask) / norms[0],
        "reg": overlap_and_middle(offsets, asked.offsets, positive) / norms[0],
    }
    count = positive.sum()
    if found.starts is None:
        return parts, torch.stack([count, torch.zeros_like(count)])
    more, near = _starting(found.starts, found.levels[0].mask, asked.since, norms[1])
    return parts | more, torch.stack([count, near])


def _starting(starts: Starts, mask: Tensor, since: Tensor, norm: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    positive = (since.abs() < NEAR) & mask
    gap = (starts.offsets - torch.where(positive, since, 0)).abs() * positive
    parts = {
        "future_cls": focal(starts.logits, positive.float(), mask) / norm,
        "future_reg": gap.sum() / norm,
    }
    return parts, positive.sum()


def _since(place: Tensor, windows: Tensor) -> Tensor:
    """Rows since the nearest start (P,); infinite where there is none."""
    if not len(windows):
        return torch.full_like(place, torch.inf)
    since = place[:, None] - windows[:, 0]
    return since.gather(1, since.abs().argmin(1, keepdim=True))[:, 0]


def overlap_and_middle(offsets: Tensor, true: Tensor, counted: Tensor | float = 1.0) -> Tensor:
    """DIoU of windows around the same place, given as distances to start and end (..., 2), summed where `counted`.

    It is 1 − IoU, and how far apart their middles are, as a share of what both cover, squared.
    """
    shared = torch.minimum(offsets, true).sum(-1)
    union = offsets.sum(-1) + true.sum(-1) - shared
    covered = torch.maximum(offsets, true).sum(-1)
    apart = 0.5 * (offsets[..., 1] - offsets[..., 0] - true[..., 1] + true[..., 0])
    distance = 1 - shared / union.clamp(min=1e-8) + (apart / covered.clamp(min=1e-8)).square()
    return (distance * counted).sum()
