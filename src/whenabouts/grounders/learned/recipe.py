"""How a head is trained: values of the method, one for every benchmark that its authors published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

__all__ = ["SMALL", "Recipe"]


@dataclass(frozen=True)
class Recipe:
    """One way to train.

    rate:     of learning; decay: of the weights; clip: gradients are scaled down to this norm, None leaves them
    schedule: `constant`; `step` multiplies the rate by 0.1 every `drop` epochs; `warm` does so too and rises linearly,
              epoch by epoch, over the first `warm` epochs; `ramp` rises from 0 step by step, and then is constant
    seconds:  of a clip, which is one row of features
    ema:      decay of a running mean of the parameters, which is then evaluated and kept; None takes them themselves
    every:    epochs between evaluations; best: the figure that chooses the model to keep, by its official name
    seed:     of everything that is drawn
    config:   fields of the head's configuration that differ from its defaults
    options:  keyword arguments of the head that differ from its defaults
    """

    optimiser: Literal["adam", "adamw"] = "adamw"
    rate: float = 1e-4
    decay: float = 1e-4
    batch: int = 32
    epochs: int = 200
    clip: float | None = 0.1
    schedule: Literal["constant", "step", "warm", "ramp"] = "constant"
    drop: int = 0
    warm: int = 10
    seconds: float = 2.0
    ema: float | None = None
    every: int = 5
    best: str = "MR-full-mAP"
    seed: int = 2018
    config: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def changed(
        self, *, config: Mapping[str, Any] | None = None, options: Mapping[str, Any] | None = None, **fields: Any
    ) -> Recipe:
        """Another recipe: sizes and options are added to those here, other fields take the place of these."""
        sizes, rest = {**self.config, **(config or {})}, {**self.options, **(options or {})}
        return replace(self, config=sizes, options=rest, **fields)

    def factor(self, epoch: float) -> float:
        """What the rate is multiplied by after so many epochs, of which the last may be in part.

        >>> [Recipe(schedule="step", drop=80).factor(epoch) for epoch in (79, 80)]
        [1.0, 0.1]
        """
        if self.schedule == "ramp":
            return min(1.0, epoch / self.warm)
        factor = 1.0 if self.schedule == "constant" else 0.1 ** (int(epoch) // self.drop)
        return factor * min(1.0, (int(epoch) + 1) / self.warm) if self.schedule == "warm" else factor


# of models small enough to train on a CPU; a family adds their sizes
SMALL = Recipe(rate=5e-4, epochs=30, clip=0.3, schedule="step", drop=25)
