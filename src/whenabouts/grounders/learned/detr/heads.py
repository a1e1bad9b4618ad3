"""The heads of this family: Moment-DETR, QD-DETR, CG-DETR and UniVTG, as trained and decoded officially."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.detr import cg_detr, moment_detr, univtg
from whenabouts.grounders.learned.detr.batch import Batch, collate, detr_targets, pairs
from whenabouts.grounders.learned.detr.cg_criterion import cg_detr_losses
from whenabouts.grounders.learned.detr.cg_detr import CGDETR, CGDETRConfig, source_video
from whenabouts.grounders.learned.detr.criterion import DETROutput, detr_losses, weighted_sum
from whenabouts.grounders.learned.detr.decode import Windows, decode, on_the_grid, saliency_curve
from whenabouts.grounders.learned.detr.moment_detr import MomentDETR, MomentDETRConfig
from whenabouts.grounders.learned.detr.qd_detr import QDDETR, QDDETRConfig
from whenabouts.grounders.learned.detr.univtg import (
    UniVTG,
    UniVTGConfig,
    UniVTGTargets,
    decode_clips,
    timestamps,
    univtg_losses,
)
from whenabouts.grounders.learned.head import Answer, Head
from whenabouts.moment import nms

__all__ = ["CGDETRHead", "MomentDETRHead", "QDDETRHead", "UniVTGHead"]

LONGEST = 75  # clips of two seconds: the 150 s of QVHighlights
SAME = 0.7  # official threshold of suppression
SMALL = {"hidden": 64, "heads": 4, "feedforward": 128, "dropout": 0.0, "input_dropout": 0.0}


class _DETRHead(Head):
    """What the three share.

    grid:     windows are rounded to clips of so many seconds, as officially for the benchmark; None keeps them exact
    saliency: weight of the saliency loss: 1 for QVHighlights, 4 for Charades-STA and TACoS
    """

    endpoints = 2
    small: ClassVar[dict[str, Any]] = SMALL | {"options": {"saliency": 4.0}}
    weights: ClassVar[dict[str, float]] = moment_detr.LOSS_WEIGHTS
    clamps: ClassVar[bool] = False

    def __init__(
        self, config: Any, *, longest: int | None = LONGEST, grid: float | None = None, saliency: float = 1.0
    ) -> None:
        super().__init__()
        self.longest, self.grid = longest, grid
        self.options = {"config": asdict(config), "longest": longest, "grid": grid, "saliency": saliency}
        self.weighing = self.weights | {"loss_saliency": saliency}
        self.words: int = config.words

    def forward(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their weighted sum as `total`."""
        batch = self.inputs(examples)
        losses = self.losses(batch, examples, rng)
        return losses | {"total": weighted_sum(losses, self.weighing)}

    def inputs(self, examples: Sequence[FeatureExample]) -> Batch:
        """Clips with their end points, and words, each with a mask."""
        return collate(examples, self.words, self.device)

    @abstractmethod
    def losses(self, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """Unweighted losses by their official names."""

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """Windows as officially decoded, inside the video, and the saliency curve."""
        batch = self.inputs(examples)
        output: DETROutput = self.model(*batch)
        ranked = decode(output, [e.duration for e in examples], clamp=self.clamps)
        curves = saliency_curve(output.saliency, batch.video_mask)
        return [
            Answer(self._inside(windows, e.duration), curve)
            for windows, curve, e in zip(ranked, curves, examples, strict=True)
        ]

    def _inside(self, windows: Windows, duration: float) -> Windows:
        if self.grid is not None:
            windows = on_the_grid(windows, self.grid)
        return [[max(0.0, start), min(end, duration), score] for start, end, score in windows]


class MomentDETRHead(_DETRHead):
    """Moment-DETR."""

    name = "moment-detr"
    config_class = MomentDETRConfig

    def __init__(self, config: MomentDETRConfig | None = None, **options: Any) -> None:
        config = config or MomentDETRConfig()
        super().__init__(config, **options)
        self.model = MomentDETR(config)

    def losses(self, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """Of the official criterion."""
        return detr_losses(self.model(*batch), detr_targets(examples, rng, self.device))


class QDDETRHead(_DETRHead):
    """QD-DETR."""

    name = "qd-detr"
    config_class = QDDETRConfig

    def __init__(self, config: QDDETRConfig | None = None, *, strict_official: bool = False, **options: Any) -> None:
        config = config or QDDETRConfig()
        super().__init__(config, **options)
        self.options["strict_official"] = strict_official
        self.model = QDDETR(config, strict_official=strict_official)

    def losses(self, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """Of the official criterion."""
        return detr_losses(self.model(*batch, negatives=True), detr_targets(examples, rng, self.device))


class CGDETRHead(_DETRHead):
    """CG-DETR. Neighbours in a batch that were cut from one video are no negatives of each other."""

    name = "cg-detr"
    config_class = CGDETRConfig
    small: ClassVar[dict[str, Any]] = SMALL | {"dummies": 8, "options": {"saliency": 4.0}}
    weights: ClassVar[dict[str, float]] = cg_detr.LOSS_WEIGHTS
    clamps = True

    def __init__(self, config: CGDETRConfig | None = None, *, strict_official: bool = False, **options: Any) -> None:
        config = config or CGDETRConfig()
        super().__init__(config, **options)
        self.options["strict_official"] = strict_official
        self.model = CGDETR(config, strict_official=strict_official)

    def losses(self, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """Of the official criterion."""
        targets = detr_targets(examples, rng, self.device)
        sources = [source_video(e.example.video) for e in examples]
        output = self.model(*batch, sources=sources, relevant=targets.ratings, negatives=True)
        return cg_detr_losses(output, targets)


class UniVTGHead(Head):
    """UniVTG.

    grid: as for the others        add: saliency is the sum of likeness and probability, as for QVHighlights
    """

    name = "univtg"
    config_class = UniVTGConfig
    endpoints = 2
    small: ClassVar[dict[str, Any]] = SMALL | {"layers": 2}

    def __init__(
        self,
        config: UniVTGConfig | None = None,
        *,
        longest: int | None = LONGEST,
        clip_seconds: float = 2.0,
        grid: float | None = None,
        add: bool = True,
        strict_official: bool = False,
    ) -> None:
        super().__init__()
        config = config or UniVTGConfig()
        self.options = {
            "config": asdict(config),
            "longest": longest,
            "clip_seconds": clip_seconds,
            "grid": grid,
            "add": add,
            "strict_official": strict_official,
        }
        self.longest, self.clip_seconds, self.grid, self.add = longest, clip_seconds, grid, add
        self.words = config.words
        self.model = UniVTG(config, strict_official=strict_official)

    def forward(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their weighted sum as `total`."""
        batch = self.inputs(examples)
        losses = univtg_losses(self.model(*batch), self._targets(examples, rng, batch.video_mask))
        return losses | {"total": weighted_sum(losses, univtg.LOSS_WEIGHTS)}

    def inputs(self, examples: Sequence[FeatureExample]) -> Batch:
        """Clips with their end points, and words, each with a mask."""
        return collate(examples, self.words, self.device)

    def _targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator, mask: Tensor) -> UniVTGTargets:
        places, inside, windows, saliency = [], [], [], []
        for e in examples:
            place = timestamps(len(e.video), self.clip_seconds).numpy().astype(np.float64)
            true = np.clip(e.windows / e.duration, 0, 1)
            covers: NDArray[np.bool_] = np.logical_and(true[:, 0] <= place[:, None], place[:, None] <= true[:, 1])
            if len(true) and not covers.any():  # a window between two clips belongs to the nearest
                covers[np.abs(place - true[0].mean()).argmin(), 0] = True
            covered: NDArray[np.bool_] = np.logical_or.reduce(covers, axis=1)
            assigned = np.zeros((len(place), 2))
            for window, column in zip(true, covers.T, strict=True):  # of several windows the last counts, as officially
                assigned[column] = window
            places.append(np.stack([place, place], 1))
            inside.append(covered)
            windows.append(assigned)
            saliency.append(e.ratings() / 3 if e.example.saliency is not None else covered)
        salient = torch.tensor([pairs(e, rng)[0][0] for e in examples], device=mask.device)
        padded = (
            nn.utils.rnn.pad_sequence([torch.as_tensor(r, dtype=torch.float32) for r in rows], batch_first=True)
            for rows in (places, inside, windows, saliency)
        )
        times, within, spans, rated = (tensor.to(mask.device) for tensor in padded)
        return UniVTGTargets(times, mask, within, spans, rated, salient)

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """Windows as officially decoded, inside the video, and the saliency curve."""
        batch = self.inputs(examples)
        output, answers = self.model(*batch), []
        ranked = decode_clips(output, batch.video_mask, [e.duration for e in examples], clip_seconds=self.clip_seconds)
        curves = saliency_curve(output.saliency, batch.video_mask)
        for exact, curve, inside in zip(ranked, curves, output.inside.tolist(), strict=True):
            windows = exact if self.grid is None else on_the_grid(exact, self.grid, longest=None)
            table = np.array(windows)
            kept = [windows[i] for i in nms(table[:, :2], table[:, 2], SAME)[:10]]
            total = [a + b for a, b in zip(curve, inside, strict=False)] if self.add else curve
            answers.append(Answer(kept, total))
        return answers
