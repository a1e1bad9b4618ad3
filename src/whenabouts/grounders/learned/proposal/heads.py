"""The heads of this family: 2D-TAN and MS-2D-TAN, as trained and decoded officially."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.head import Answer, Head
from whenabouts.grounders.learned.proposal.ms_two_d_tan import (
    MSTwoDTAN,
    MSTwoDTANConfig,
    iou_losses,
    map_overlaps,
    pick,
)
from whenabouts.grounders.learned.proposal.ms_two_d_tan import rank as rank_scales
from whenabouts.grounders.learned.proposal.two_d_tan import TwoDTAN, TwoDTANConfig, iou_loss, rank, resample
from whenabouts.metrics.ranking import suppressed

__all__ = ["MSTwoDTANHead", "TwoDTANHead"]

KEPT = 10


class TwoDTANHead(Head):
    """2D-TAN on `clips` equal parts of a video of any length.

    low, high: IoU that count as 0 and as 1 in training      suppress: overlap from which the weaker window goes
    """

    name = "2d-tan"
    config_class = TwoDTANConfig
    small: ClassVar[dict[str, Any]] = {
        "hidden": 64,
        "text_hidden": 64,
        "text_layers": 1,
        "stride": 2,
        "kernels": (5,) * 4,
        "paddings": (8, 0, 0, 0),
    }

    def __init__(
        self,
        config: TwoDTANConfig | None = None,
        *,
        clips: int = 16,
        low: float = 0.5,
        high: float = 1.0,
        suppress: float = 0.45,
        longest: int | None = None,
    ) -> None:
        super().__init__()
        config = config or TwoDTANConfig()
        self.options = {
            "config": asdict(config),
            "clips": clips,
            "low": low,
            "high": high,
            "suppress": suppress,
            "longest": longest,
        }
        self.rows, self.clips = clips * config.stride, clips
        self.low, self.high, self.suppress, self.longest = low, high, suppress, longest
        self.model = TwoDTAN(config)

    def forward(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """The cross entropy of cells with scaled IoU, and `total`."""
        maps = [map_overlaps(e.windows, self.clips, self.clips, e.duration / self.clips) for e in examples]
        start, last = np.meshgrid(np.arange(self.clips), np.arange(self.clips), indexing="ij")
        cells = [np.where(last >= start, lengths[start, np.maximum(last - start, 0)], 0.0) for lengths in maps]
        truth = torch.tensor(np.stack(cells), dtype=torch.float32, device=self.device)
        loss = iou_loss(self.model(*self.inputs(examples)), truth, low=self.low, high=self.high)
        return {"bce_rescale": loss, "total": loss}

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """The best cells that overlap little."""
        ranked = rank(self.model(*self.inputs(examples)), [e.duration for e in examples])
        return [Answer(_apart(windows, self.suppress)) for windows in ranked]

    def inputs(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Rows (B, clips * stride, D), words (B, T, D') and their mask."""
        video = torch.stack([resample(torch.from_numpy(e.video), self.rows) for e in examples])
        return video.to(self.device), *_words(examples, self.device)


class MSTwoDTANHead(Head):
    """MS-2D-TAN on `rows` equal parts of a video of any length.

    The official "sliding window" reading of a video, rows of a fixed length, is that of `longest` = `rows` here.
    """

    name = "ms-2d-tan"
    config_class = MSTwoDTANConfig
    small: ClassVar[dict[str, Any]] = {
        "hidden": 64,
        "text_hidden": 64,
        "text_layers": 1,
        "stride": 1,
        "layers": (8, 4, 4),
        "kernels": (5, 5),
        "options": {"rows": 32},
    }

    def __init__(
        self,
        config: MSTwoDTANConfig | None = None,
        *,
        rows: int = 256,
        low: float = 0.5,
        high: float = 1.0,
        suppress: float = 0.49,
        longest: int | None = None,
        strict_official: bool = False,
    ) -> None:
        super().__init__()
        config = config or MSTwoDTANConfig()
        self.options = {
            "config": asdict(config),
            "rows": rows,
            "low": low,
            "high": high,
            "suppress": suppress,
            "longest": longest,
            "strict_official": strict_official,
        }
        self.rows, self.config = rows, config
        self.low, self.high, self.suppress, self.longest = low, high, suppress, longest
        self.model = MSTwoDTAN(config, strict_official=strict_official)

    def forward(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """The cross entropy of cells with scaled IoU, and `total`."""
        output = self.model(*self.inputs(examples))
        truth = []
        for probability in output.probabilities:
            _, clips, anchors = probability.shape
            maps = [map_overlaps(e.windows, clips, anchors, e.duration / clips) for e in examples]
            truth.append(torch.tensor(np.stack(maps), dtype=torch.float32, device=self.device))
        losses = iou_losses(output, truth, low=self.low, high=self.high)
        return {f"scales/{i}": loss for i, loss in enumerate(losses)} | {"total": losses.sum()}

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """The best cells that overlap little."""
        ranked = rank_scales(self.model(*self.inputs(examples)), [e.duration for e in examples])
        return [Answer(_apart(windows, self.suppress)) for windows in ranked]

    def inputs(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Rows (B, rows, D) and words (B, T, D'), each with a mask."""
        video = torch.stack([pick(torch.from_numpy(e.video), self.rows) for e in examples]).to(self.device)
        return video, video.new_ones(video.shape[:2]), *_words(examples, self.device)


def _words(examples: Sequence[FeatureExample], device: torch.device) -> tuple[Tensor, Tensor]:
    text = pad_sequence([torch.from_numpy(e.text) for e in examples], batch_first=True)
    mask = pad_sequence([torch.ones(len(e.text)) for e in examples], batch_first=True)
    return text.to(device), mask.to(device)


def _apart(windows: list[list[float]], overlap: float) -> list[list[float]]:
    """The first of all that overlap more, with their scores."""
    kept = {(start, end) for start, end in suppressed([w[:2] for w in windows], overlap, KEPT).tolist()}
    return [w for w in windows if (w[0], w[1]) in kept][:KEPT]
