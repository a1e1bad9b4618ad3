"""Values drawn by a recipe from names and a seed: parameters and features that need not be stored to be compared.

Official code and ours draw the same from the same names, so a test needs only what the official code answered.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

__all__ = ["drawn", "normal"]


def drawn(state: Mapping[str, Tensor], seed: int) -> dict[str, Tensor]:
    """Parameters of these names and shapes, float32, on the scale that training would leave them at."""
    return {key: _drawn(key, value, seed) for key, value in state.items()}


def normal(name: str, seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """Standard normal numbers that the name and the seed decide."""
    return np.random.RandomState((zlib.crc32(name.encode()) & 0x7FFFFFFF) ^ seed).standard_normal(shape)


def _drawn(key: str, value: Tensor, seed: int) -> Tensor:
    if key.endswith("num_batches_tracked"):
        return torch.zeros_like(value)
    n = normal(key, seed, tuple(value.shape))
    if key.endswith("running_var"):
        made = 0.5 + np.abs(n)
    elif key.endswith("running_mean"):
        made = 0.1 * n
    elif "rep_token" in key or "rep_pos" in key:
        made = n
    elif key.endswith("activation.weight"):
        made = 0.25 + 0.05 * n
    elif n.ndim >= 2:
        made = n / np.sqrt(np.prod(n.shape[1:]))
    else:
        made = 1 + 0.1 * n if key.endswith("weight") else 0.1 * n
    return torch.from_numpy(np.asarray(made, dtype=np.float32))
