"""Losses on their way from the device: read once the next step has begun, so that nothing waits for them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

__all__ = ["Figures"]


class Figures:
    """Scalars by name, in one copy that does not wait for the device."""

    def __init__(self, values: Mapping[str, Tensor]) -> None:
        self._names = list(values)
        stacked = torch.stack([value.detach().float() for value in values.values()])
        self._values, self._there = stacked.to("cpu", non_blocking=True), None
        if stacked.is_cuda:
            self._there = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._there.record()

    def read(self) -> dict[str, float]:
        """Their values, after the device has come to them."""
        if self._there is not None:
            self._there.synchronize()
        return dict(zip(self._names, self._values.tolist(), strict=True))
