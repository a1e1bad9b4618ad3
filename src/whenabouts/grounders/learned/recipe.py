"""How a head is trained: values of the method, one for every benchmark that its authors published."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

__all__ = ["SMALL", "Amount", "Recipe"]

Share = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Amount = Annotated[float, Field(gt=0, allow_inf_nan=False)]

LEAST = 0.001  # share of the rate that `warm_steps` start from


@dataclass(frozen=True)
class Recipe:
    """One way to train.

    rate:      of learning; decay: of the weights; clip: gradients are scaled down to this norm, None leaves them
    schedule:  `constant`; `step` multiplies the rate by `gamma` every `drop` epochs (0: never); `warm` does so too and
               rises linearly, epoch by epoch, over the first `warm` epochs; `ramp` rises from 0 step by step over
               them, and then is constant; `cosine` rises so too, and then falls to 0 as half a cosine does
    warm_steps: over which the rate first rises linearly from a thousandth, whatever the schedule
    drop_last: whether an epoch leaves out the examples that do not fill a batch
    seconds:   of a clip, which is one row of features
    ema:       decay of a running mean of the parameters, which is then evaluated and kept; None takes them themselves
    ema_every: whether the mean moves after each step or after each epoch
    every:     epochs between evaluations; patience: evaluations without a new best after which training ends
    best:      the figure that chooses the model to keep, by its official name
    seed:      of everything that is drawn
    config:    fields of the head's configuration that differ from its defaults
    options:   keyword arguments of the head that differ from its defaults
    source:    where the values were read
    unlike:    what the source has instead of a field here, in words, where it cannot be had; so for
               `judged on`, the split that chooses the model
    """

    optimiser: Literal["adam", "adamw"] = "adamw"
    rate: Share = 1e-4
    decay: Share = 1e-4
    batch: PositiveInt = 32
    epochs: PositiveInt = 200
    clip: Amount | None = 0.1
    schedule: Literal["constant", "step", "warm", "ramp", "cosine"] = "constant"
    drop: NonNegativeInt = 0
    gamma: Share = 0.1
    warm: PositiveInt = 10
    warm_steps: NonNegativeInt = 0
    drop_last: bool = False
    seconds: Amount = 2.0
    ema: Annotated[float, Field(gt=0, lt=1)] | None = None
    ema_every: Literal["step", "epoch"] = "step"
    every: PositiveInt = 5
    patience: PositiveInt | None = None
    best: str = "MR-full-mAP"
    seed: NonNegativeInt = 2018
    config: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    unlike: Mapping[str, str] = field(default_factory=dict)

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
        if self.schedule == "ramp" or (self.schedule == "cosine" and epoch < self.warm):
            return min(1.0, epoch / self.warm)
        if self.schedule == "cosine":
            return 0.5 + 0.5 * math.cos(math.pi * (epoch - self.warm) / (self.epochs - self.warm))
        falls = self.schedule != "constant" and self.drop
        factor = self.gamma ** (int(epoch) // self.drop) if falls else 1.0
        return factor * min(1.0, (int(epoch) + 1) / self.warm) if self.schedule == "warm" else factor

    def rise(self, step: int) -> float:
        """What the rate is multiplied by besides, after so many steps.

        >>> [Recipe(warm_steps=500).rise(step) for step in (0, 500)]
        [0.001, 1.0]
        """
        return LEAST + (1 - LEAST) * step / self.warm_steps if step < self.warm_steps else 1.0


# of models small enough to train on a CPU; a family adds their sizes
SMALL = Recipe(rate=5e-4, epochs=30, clip=0.3, schedule="step", drop=25)
