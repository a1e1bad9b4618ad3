"""What OnVTG's scores and offsets are held against (minghangz/OnVTG, `libs/trainer.py`, `libs/modeling/loss.py`)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import l1_loss

from whenabouts.grounders.learned.onvtg.model import Found, Starts
from whenabouts.grounders.learned.universalvtg.decode import places, targets
from whenabouts.grounders.learned.universalvtg.head import focal

__all__ = ["NEAR", "losses", "overlap_and_middle"]

NEAR = 4.0  # rows to either side of a start that should predict it


def losses(found: Found, windows: list[Tensor], longest: int, norms: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """Losses by their official names, and how many places should have answered, and predicted a start: (2,).

    windows: true moments of each item in rows of level 0, each (M, 2); of several the shortest counts, officially there
             is one
    longest: rows of the longest video, which the coarsest level reaches
    norms:   what sums are divided by: scores and ends, starts (2,)
    """
    mask = torch.cat([level.mask for level in found.levels], 1)
    logits = torch.cat([level.logits for level in found.levels], 1)
    offsets = torch.cat([level.offsets for level in found.levels], 1)
    where = places([level.mask.shape[1] for level in found.levels], longest).to(mask.device)
    asked = [targets(where, each) for each in windows]
    positive, true = torch.stack([p for p, _ in asked]) & mask, torch.stack([o for _, o in asked])
    parts = {
        "cls": focal(logits[mask], positive[mask].float()) / norms[0],
        "reg": overlap_and_middle(offsets[positive], true[positive]) / norms[0],
    }
    count = positive.sum()
    if found.starts is None:
        return parts, torch.stack([count, torch.zeros_like(count)])
    more, near = _starting(found.starts, found.levels[0].mask, windows, norms[1])
    return parts | more, torch.stack([count, near])


def _starting(starts: Starts, mask: Tensor, windows: list[Tensor], norm: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    place = torch.arange(mask.shape[1], device=mask.device).float()
    since = torch.stack([_since(place, each) for each in windows])
    positive = (since.abs() < NEAR) & mask
    parts = {
        "future_cls": focal(starts.logits[mask], positive[mask].float()) / norm,
        "future_reg": l1_loss(starts.offsets[positive], since[positive], reduction="sum") / norm,
    }
    return parts, positive.sum()


def _since(place: Tensor, windows: Tensor) -> Tensor:
    """Rows since the nearest start (P,); infinite where there is none."""
    if not len(windows):
        return torch.full_like(place, torch.inf)
    since = place[:, None] - windows[:, 0]
    return since.gather(1, since.abs().argmin(1, keepdim=True))[:, 0]


def overlap_and_middle(offsets: Tensor, true: Tensor) -> Tensor:
    """DIoU of windows around the same place, given as distances to start and end (N, 2), summed.

    It is 1 − IoU, and how far apart their middles are, as a share of what both cover, squared.
    """
    shared = torch.minimum(offsets, true).sum(1)
    joined = offsets.sum(1) + true.sum(1) - shared
    covered = torch.maximum(offsets, true).sum(1)
    apart = 0.5 * (offsets[:, 1] - offsets[:, 0] - true[:, 1] + true[:, 0])
    return (1 - shared / joined.clamp(min=1e-8) + (apart / covered.clamp(min=1e-8)).square()).sum()
