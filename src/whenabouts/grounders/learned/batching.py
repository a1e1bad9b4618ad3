"""What a training step takes of examples: rows as padded tensors, brought to a device in few copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from whenabouts.benchmarks.features import Float

__all__ = ["in_float32", "on_device", "padded", "row_ends", "valid_rows"]

Parts = TypeVar("Parts")
SMALL = 1 << 20  # bytes of a tensor up to which it travels together with others


def padded(items: Sequence[Sequence[Float]], *, length: int | None = None, pinned: bool = False) -> Tensor:
    """Rows of every item as one tensor (B, L, D), zero behind an item's end; each number is written once.

    items:  of each one or several arrays (L', D') that stand side by side
    length: L; None is the longest item's
    pinned: in page-locked memory, from which a GPU copies while the CPU goes on
    """
    counts = [len(item[0]) for item in items]
    widths = [part.shape[1] for part in items[0]]
    longest = max(counts) if length is None else length
    table = torch.empty(len(items), longest, sum(widths), pin_memory=pinned)
    values = table.numpy()
    for row, item, count in zip(values, items, counts, strict=True):
        left = 0
        for part, width in zip(item, widths, strict=True):
            row[:count, left : left + width] = part
            left += width
        row[count:] = 0
    return table


def valid_rows(counts: Sequence[int], length: int) -> Tensor:
    """Which of so many rows each item has: (B, L) bool."""
    return torch.from_numpy(np.arange(length) < np.asarray(counts)[:, None])


@lru_cache(maxsize=256)
def row_ends(count: int) -> Float:
    """Where each of the rows of a video starts and ends, as shares of it: (L, 2)."""
    ends = np.stack([np.arange(count) / count, np.arange(1, count + 1) / count], axis=1).astype(np.float32)
    ends.flags.writeable = False
    return ends


def on_device(parts: Parts, device: torch.device) -> Parts:
    """Tensors in tuples, lists, dicts and dataclasses on a device; what is no tensor stays as it is.

    Small tensors travel together, in one copy of each dtype. No copy waits for what the device is doing.
    """
    small: dict[torch.dtype, list[Tensor]] = {}
    _mapped(parts, lambda leaf: _noted(leaf, small, device))
    moved = {id(old): new for group in small.values() for old, new in _together(group, device)}

    def moving(leaf: Tensor) -> Tensor:
        if leaf.device == device:
            return leaf
        return moved[id(leaf)] if id(leaf) in moved else _sent(leaf, device)

    there: Parts = _mapped(parts, moving)
    return there


def in_float32(parts: Parts) -> Parts:
    """Tensors in tuples, lists, dicts and dataclasses, those of half precision as float32."""
    halves = (torch.float16, torch.bfloat16)
    wide: Parts = _mapped(parts, lambda leaf: leaf.float() if leaf.dtype in halves else leaf)
    return wide


def _noted(leaf: Tensor, small: dict[torch.dtype, list[Tensor]], device: torch.device) -> Tensor:
    if leaf.device != device and leaf.device.type == "cpu" and leaf.numel() * leaf.element_size() <= SMALL:
        small.setdefault(leaf.dtype, []).append(leaf)
    return leaf


def _together(leaves: Sequence[Tensor], device: torch.device) -> list[tuple[Tensor, Tensor]]:
    sent = _sent(torch.cat([leaf.reshape(-1) for leaf in leaves]), device)
    parts = torch.split(sent, [leaf.numel() for leaf in leaves])
    return [(leaf, part.view(leaf.shape)) for leaf, part in zip(leaves, parts, strict=True)]


def _sent(leaf: Tensor, device: torch.device) -> Tensor:
    if device.type == "cuda" and leaf.device.type == "cpu" and not leaf.is_pinned():
        leaf = leaf.pin_memory()  # else the copy would wait for all that was asked of the device before
    return leaf.to(device, non_blocking=True)


def _mapped(parts: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(parts, Tensor):
        return change(parts)
    if isinstance(parts, dict):
        return {name: _mapped(part, change) for name, part in parts.items()}
    if isinstance(parts, tuple | list):
        made = [_mapped(part, change) for part in parts]
        return type(parts)(*made) if hasattr(parts, "_fields") else type(parts)(made)
    if is_dataclass(parts) and not isinstance(parts, type):
        return replace(parts, **{f.name: _mapped(getattr(parts, f.name), change) for f in fields(parts) if f.init})
    return parts
