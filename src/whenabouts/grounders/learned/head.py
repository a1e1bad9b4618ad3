"""Heads: learned models with all that training and serving need around their forward pass.

A head takes examples as features and gives losses (called as a module, in training) or answers. What is learned lives
in `head.model`, whose parameters are named as in the official state dict.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.errors import ModelError

__all__ = ["HEADS", "Answer", "Head", "head_class", "with_endpoints"]

HEADS: dict[str, str] = {
    "moment-detr": "whenabouts.grounders.learned.detr.heads:MomentDETRHead",
    "qd-detr": "whenabouts.grounders.learned.detr.heads:QDDETRHead",
    "cg-detr": "whenabouts.grounders.learned.detr.heads:CGDETRHead",
    "univtg": "whenabouts.grounders.learned.detr.heads:UniVTGHead",
    "2d-tan": "whenabouts.grounders.learned.proposal.heads:TwoDTANHead",
    "ms-2d-tan": "whenabouts.grounders.learned.proposal.heads:MSTwoDTANHead",
}


@dataclass(frozen=True)
class Answer:
    """Windows [start, end, score] in seconds, best first, inside the video; saliency of every row, or None."""

    windows: list[list[float]]
    saliency: list[float] | None = None


class Head(nn.Module, ABC):
    """A model with its losses and its decoding.

    name:    in `HEADS`
    endpoints: columns that a row gets beyond its features
    small:   fields of the configuration that make it small enough to train on a processor; under "options", others
    options: the keyword arguments that make this head again; plain values
    longest: rows of video that it takes at once; longer videos are answered in windows. None: any number.
    """

    name: ClassVar[str]
    config_class: ClassVar[type]
    endpoints: ClassVar[int] = 0
    small: ClassVar[dict[str, Any]]
    model: nn.Module
    options: dict[str, Any]
    longest: int | None

    @classmethod
    def sized(cls, video_dim: int, text_dim: int, *, small: bool = False, **options: Any) -> Head:
        """The published size for features of these widths, or the small one; `options` are keyword arguments."""
        changes = dict(cls.small) if small else {}
        options = changes.pop("options", {}) | options
        width = video_dim + cls.endpoints
        return cls(cls.config_class(video_dim=width, text_dim=text_dim, **changes), **options)

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Head:
        """The head that had these `options`. Raises TypeError on unknown ones."""
        rest = dict(options)
        config = {k: tuple(v) if isinstance(v, list) else v for k, v in rest.pop("config").items()}
        return cls(cls.config_class(**config), **rest)

    @abstractmethod
    def forward(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their `total`; `rng` draws what training draws."""

    @abstractmethod
    def inputs(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Examples as the tensors that the model takes, on its device."""

    @abstractmethod
    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """One answer per example, whatever its windows; call under `torch.no_grad` and in evaluation mode."""

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return next(self.model.parameters()).device


def head_class(name: str) -> type[Head]:
    """A head by name. Raises ModelError with the names there are."""
    if name not in HEADS:
        raise ModelError(f"there is no head named {name!r}; choose one of: {', '.join(HEADS)}")
    module, _, attribute = HEADS[name].partition(":")
    found: type[Head] = getattr(import_module(module), attribute)
    return found


def with_endpoints(rows: Float) -> Float:
    """Rows (L, D) with their start and end as shares of the video behind: (L, D + 2)."""
    count = len(rows)
    ends = np.stack([np.arange(count) / count, np.arange(1, count + 1) / count], axis=1)
    return np.concatenate([rows, ends.astype(np.float32)], axis=1)
