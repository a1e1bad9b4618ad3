"""How VideoMind's head is trained (arXiv:2503.13444): which points answer for a span, and three losses.

Focal loss × 5 on every point, L1 × 1 on the offsets of those that answer, and a contrast × 0.05 that draws `<|reg|>` to
a frame inside the span. Source: yeliudev/VideoMind `model/loss.py`, `dataset/hybrid.py`, and nncore 0.4.5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity

from whenabouts.grounders.llm.systems.videomind.head import STRIDES, Points
from whenabouts.grounders.llm.systems.videomind.verifying import clamped

__all__ = ["Losses", "Truth", "losses", "truth"]

FOCAL, L1, SALIENCY = 5.0, 1.0, 0.05
GAMMA = 2.0  # of the focal loss; it has no alpha
RADIUS = 1.5  # strides around a span's centre within which points answer for it
TEMPERATURE = 0.07


class Truth(NamedTuple):
    """What B videos of T steps should give.

    spans: (B, N, 2) fractions of the video        salient: (B, T) 1 inside a span        chosen: (B,) a step inside
    """

    spans: Tensor
    salient: Tensor
    chosen: Tensor


class Losses(NamedTuple):
    """Weighted, summed over videos and layers; `total` is what is trained."""

    focal: Tensor
    l1: Tensor
    saliency: Tensor

    @property
    def total(self) -> Tensor:
        """Their sum."""
        return self.focal + self.l1 + self.saliency


def truth(spans: Sequence[tuple[float, float]], duration: float, steps: int) -> Truth:
    """Of one video and its spans in seconds, each widened to one step at least; the chosen step is drawn at random."""
    rate = steps / duration
    safe = [clamped(span, duration, 1 / rate) for span in spans]
    salient = torch.zeros(1, steps)
    for start, end in safe:
        salient[0, math.ceil(max(0, start * rate)) : math.ceil(min(end * rate, steps))] = 1
    inside = salient[0].nonzero()[:, 0]
    chosen = inside[torch.randint(len(inside), (1,))]
    return Truth(torch.tensor([safe]) / duration, salient, chosen)


def losses(points: Points, true: Truth) -> Losses:
    """The three losses of the head's output in training, for videos of equal length."""
    layers = len(points.logits) // len(true.spans)
    ends = true.spans.to(points.places) * points.frames.shape[1]
    answers, targets = (each.repeat(layers, *[1] * (each.ndim - 1)) for each in _assigned(points, ends))

    cross = binary_cross_entropy_with_logits(points.logits, answers, reduction="none")
    sure = points.logits.sigmoid()
    sure = sure * answers + (1 - sure) * (1 - answers)
    focal = (cross * (1 - sure) ** GAMMA * points.real).sum(1) / points.real.sum()

    away = ((points.offsets - targets).abs() * answers[..., None]).sum((1, 2)) / (2 * answers.sum(1)).clamp(min=1)
    salient, chosen = true.salient.to(points.frames).repeat(layers, 1), true.chosen.to(points.frames.device)
    contrast = _contrast(points, salient, chosen.repeat(layers))
    return Losses(FOCAL * focal.sum(), L1 * away.sum(), SALIENCY * contrast.sum())


def _assigned(points: Points, ends: Tensor) -> tuple[Tensor, Tensor]:
    """Which points answer for a span (B, P), 1 or 0, and the offsets to its ends (B, P, 2), in strides.

    A point answers where it lies inside a span, at most 1.5 strides from its middle, and its farther end is within the
    level's reach: 0 to 2 steps, 2 to 4, 4 to 8, or more than 8. The shortest of several spans counts.
    """
    low = torch.where(points.strides > STRIDES[0], points.strides, 0)
    high = torch.where(points.strides < STRIDES[-1], 2 * points.strides, math.inf)
    place, stride = points.places[:, None], points.strides[:, None]
    start, end = ends[:, None, :, 0], ends[:, None, :, 1]
    left, right, middle = place - start, end - place, (start + end) / 2
    first = torch.maximum(middle - stride * RADIUS, start)
    last = torch.minimum(middle + stride * RADIUS, end)
    farther = torch.maximum(left, right)
    fits = (place >= first) & (place <= last) & (farther >= low[:, None]) & (farther <= high[:, None])
    length = torch.where(fits, end - start, math.inf)
    shortest = length.argmin(2, keepdim=True)
    offsets = torch.cat([side.gather(2, shortest) for side in (left, right)], dim=2) / stride
    return fits.any(2).to(points.logits), offsets


def _contrast(points: Points, salient: Tensor, chosen: Tensor) -> Tensor:
    """Cross-entropy (B,) of the chosen step among all that are not more salient."""
    alike = cosine_similarity(points.frames, points.query[:, None], dim=-1) / TEMPERATURE
    row = torch.arange(len(alike), device=alike.device)
    fair = salient <= salient[row, chosen][:, None]
    scores = alike.masked_fill(~fair, -math.inf)
    return -scores.log_softmax(1)[row, chosen]
