"""Spans in torch: centre and width in [0, 1] of the video, or start and end."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["centre_width", "generalised_iou", "start_end"]


def start_end(spans: Tensor) -> Tensor:
    """(..., 2) centre, width -> start, end."""
    centre, width = spans.unbind(-1)
    return torch.stack([centre - 0.5 * width, centre + 0.5 * width], dim=-1)


def centre_width(spans: Tensor) -> Tensor:
    """(..., 2) start, end -> centre, width."""
    start, end = spans.unbind(-1)
    return torch.stack([0.5 * (start + end), end - start], dim=-1)


def generalised_iou(a: Tensor, b: Tensor) -> Tensor:
    """Pairwise gIoU of starts and ends: (N, 2), (M, 2) -> (N, M)."""
    shared = (torch.min(a[:, None, 1], b[None, :, 1]) - torch.max(a[:, None, 0], b[None, :, 0])).clamp(min=0)
    covered = (a[:, 1] - a[:, 0])[:, None] + (b[:, 1] - b[:, 0])[None] - shared
    hull = (torch.max(a[:, None, 1], b[None, :, 1]) - torch.min(a[:, None, 0], b[None, :, 0])).clamp(min=0)
    return shared / covered - (hull - covered) / hull
