"""Parameters and inputs that any machine makes alike, so that values of official code can be written down."""

from __future__ import annotations

from typing import Any

import torch


def waves(*shape: int, phase: float = 0.0, step: float = 1.3) -> torch.Tensor:
    """Sines, `step` apart."""
    count = torch.Size(shape).numel()
    return (torch.arange(count, dtype=torch.float64) * step + phase).sin().reshape(shape).float()


def filled(module: Any) -> Any:
    """The module, each parameter sines that begin at its number among the sorted names."""
    for number, (_, parameter) in enumerate(sorted(module.named_parameters())):
        parameter.data = 0.4 * waves(*parameter.shape, phase=number, step=0.7)
    return module
