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
    """GIoU of starts and ends, each of `a` (..., 2) with its partner in `b`, whose shape broadcasts: (...).

    All pairs are `generalised_iou(a[:, None], b[None])`.
    """
    (start, end), (other_start, other_end) = a.unbind(-1), b.unbind(-1)
    shared = (torch.min(end, other_end) - torch.max(start, other_start)).clamp(min=0)
    covered = (end - start) + (other_end - other_start) - shared
    hull = (torch.max(end, other_end) - torch.min(start, other_start)).clamp(min=0)
    return shared / covered - (hull - covered) / hull
