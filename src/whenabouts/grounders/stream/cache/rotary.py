"""Rotary positions, by the model's own module: keys come from the model unrotated and are turned here."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["Rotary"]


class Rotary:
    """Turns queries and keys to positions, as the language model's `rotary_emb` does (RoPE and M-RoPE).

    A model that is told position 0 for every token gives them out unrotated, multiplied by its attention scaling,
    which is therefore taken out of the turn.
    """

    def __init__(self, text_model: Any) -> None:
        self._module = text_model.rotary_emb
        self._scaling = float(getattr(self._module, "attention_scaling", 1.0))

    def turn(self, x: Tensor, positions: Tensor) -> Tensor:
        """`x` (H, N, D) at `positions`, (A, N) or (A, H, N) int64."""
        rows = positions if positions.dim() == 3 else positions[:, None]  # (A, 1 or H, N)
        rows = rows.to(x.device)
        cos, sin = self._module(x, rows[0] if len(rows) == 1 else rows)  # (1 or H, N, D)
        first, second = x.chunk(2, dim=-1)
        turned: Tensor = x * cos + torch.cat((-second, first), dim=-1) * sin
        return turned if self._scaling == 1.0 else turned / self._scaling
