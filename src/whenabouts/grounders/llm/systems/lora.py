"""LoRA adapters (arXiv:2106.09685) beside linear layers, under the names that peft gives them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from torch import Tensor, nn

__all__ = ["Adapted", "adapt"]


class Adapted(nn.Linear):
    """A linear layer with an adapter beside it: W x + scale · B A x, in the precision of each, so nothing is rounded.

    Names in the state dict are those of peft 0.3: `weight`, `lora_A.default.weight`, `lora_B.default.weight`.
    """

    def __init__(self, plain: nn.Linear, rank: int, alpha: float) -> None:
        nn.Module.__init__(self)
        self.in_features, self.out_features = plain.in_features, plain.out_features
        self.weight, self.bias, self.scale = plain.weight, plain.bias, alpha / rank
        place = plain.weight.device
        down = nn.Linear(plain.in_features, rank, bias=False, device=place)
        up = nn.Linear(rank, plain.out_features, bias=False, device=place)
        nn.init.zeros_(up.weight)
        self.lora_A, self.lora_B = nn.ModuleDict({"default": down}), nn.ModuleDict({"default": up})

    def forward(self, x: Tensor) -> Tensor:
        """As the plain layer, until the adapter has learnt something."""
        down: Any = self.lora_A["default"]
        beside: Tensor = self.lora_B["default"](down(x.to(down.weight.dtype))) * self.scale
        return super().forward(x) + beside.to(x.dtype)


def adapt(module: nn.Module, names: Collection[str], rank: int, alpha: float) -> None:
    """Put an adapter beside every linear layer in `module` that has one of these names."""
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if name in names and isinstance(child, nn.Linear):
                setattr(parent, name, Adapted(child, rank, alpha))
