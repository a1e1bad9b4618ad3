"""How the six models were trained officially, and how a small one is trained on a processor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["Recipe", "recipe"]


@dataclass(frozen=True)
class Recipe:
    """One way to train.

    clip:     gradients are scaled down to this norm; None leaves them
    schedule: `constant`; `step` multiplies the rate by 0.1 every `drop` epochs; `warm` does so too and rises linearly
              over the first 10 epochs. The official ReduceLROnPlateau of 2D-TAN has its sign inverted and on
              Charades-STA nothing to look at; here the rate stays constant.
    """

    optimiser: Literal["adam", "adamw"] = "adamw"
    rate: float = 1e-4
    decay: float = 1e-4
    batch: int = 32
    epochs: int = 200
    clip: float | None = 0.1
    schedule: Literal["constant", "step", "warm"] = "constant"
    drop: int = 0

    def factor(self, epoch: float) -> float:
        """What the rate is multiplied by in an epoch, counted from 0."""
        factor = 1.0 if self.schedule == "constant" else 0.1 ** (int(epoch) // self.drop)
        return factor * min(1.0, (epoch + 1) / WARM_EPOCHS) if self.schedule == "warm" else factor


WARM_EPOCHS = 10
DETR = Recipe()
TAN = Recipe("adam", decay=0.0, epochs=100, clip=10.0)
SMALL = Recipe(rate=5e-4, epochs=30, clip=0.3, schedule="step", drop=25)

RECIPES: dict[str, Recipe] = {
    "moment-detr": DETR,
    "qd-detr": DETR,
    "cg-detr": DETR,
    "univtg": replace(DETR, schedule="warm", drop=80),
    "2d-tan": TAN,
    "ms-2d-tan": replace(TAN, clip=None),
}
BY_BENCHMARK: dict[tuple[str, str], Recipe] = {
    ("cg-detr", "charades-sta"): replace(DETR, rate=2e-4),
    ("cg-detr", "tacos"): replace(DETR, rate=2e-4, schedule="step", drop=200),
}


def recipe(model: str, benchmark: str = "", *, small: bool = False) -> Recipe:
    """The official recipe of a model, for a benchmark where it differs; or that of small models."""
    return SMALL if small else BY_BENCHMARK.get((model, benchmark), RECIPES[model])
