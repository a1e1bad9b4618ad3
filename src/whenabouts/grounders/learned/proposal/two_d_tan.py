"""2D-TAN (Zhang et al. 2020, arXiv:1912.03590): all pairs of start and end as cells of a map, scored by convolution.

Cell (s, e) of a map (N, N) stands for clips s to e, both included. All short stretches have a cell; longer ones only on
coarser grids. Scores are logits; `probability` multiplies their sigmoid by the mask of cells that exist.

Where words are read in both directions, which no published model does, the official code reads backwards from the
padding of the longest text, so that an answer depends on its batch; here only under `strict_official`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy, conv2d, conv_transpose2d, normalize

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.head import Answer, State
from whenabouts.grounders.learned.proposal.head import (
    SMALL_TAN,
    TAN,
    ProposalHead,
    iou_targets,
    map_overlaps,
    read_words,
    tan_sizes,
    word_reader,
)
from whenabouts.grounders.learned.proposal.winograd import pays, tiled_conv2d
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["TwoDTAN", "TwoDTANConfig", "TwoDTANHead", "TwoDTANOutput", "iou_loss", "rank", "resample"]


@dataclass(frozen=True)
class TwoDTANConfig:
    """Sizes as published for Charades-STA with max-pooled proposals.

    scales:  how many lengths each grid has; grid k starts every 2^k clips.
    proposals: `pool` takes the maximum over a stretch, `conv` learns it.
    kernels, paddings: of the convolutions over the map.
    """

    video_dim: int = 4096
    text_dim: int = 300
    hidden: int = 512
    text_hidden: int = 512
    text_layers: int = 3
    bidirectional: bool = False
    stride: int = 16
    scales: tuple[int, ...] = (16,)
    proposals: str = "pool"
    kernels: tuple[int, ...] = (5,) * 8
    paddings: tuple[int, ...] = (16, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class TwoDTANOutput:
    """Logits and existing cells, (B, N, N) each."""

    logits: Tensor
    mask: Tensor

    @property
    def probability(self) -> Tensor:
        """How well each cell answers, (B, N, N) in [0, 1]; 0 where there is no cell."""
        return self.logits.sigmoid() * self.mask


class TwoDTAN(nn.Module):
    """The model; parameters are named as in the official state dict."""

    def __init__(self, config: TwoDTANConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or TwoDTANConfig()
        self.frame_layer = _FramePool(c.video_dim, c.hidden, c.stride)
        self.prop_layer = _Proposals(c)
        self.fusion_layer = _Fusion(c, strict_official=strict_official)
        self.map_layer = _MapConv(c)
        self.pred_layer = nn.Conv2d(c.hidden, 1, 1)

    def forward(self, video: Tensor, text: Tensor, text_mask: Tensor) -> TwoDTANOutput:
        """Frames (B, T, video_dim), T a multiple of the stride, and words (B, W, text_dim) with a mask (B, W)."""
        clips = self.frame_layer(video)
        cells, mask = self.prop_layer(clips)
        fused = self.fusion_layer(text, text_mask, cells, mask)
        logits = self.pred_layer(self.map_layer(fused, mask)) * mask
        return TwoDTANOutput(logits[:, 0], mask.expand(len(video), -1, -1, -1)[:, 0])


class _FramePool(nn.Module):
    def __init__(self, size_in: int, hidden: int, stride: int) -> None:
        super().__init__()
        self.vis_conv = nn.Conv1d(size_in, hidden, 1)
        self.pool = nn.AvgPool1d(stride)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, size_in) -> (B, hidden, N)."""
        clips: Tensor = self.pool(self.vis_conv(frames.transpose(1, 2)).relu())
        return clips


def _lengths(scales: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    """(grid, number within the grid, stride, clips beyond the first) of every length that has cells."""
    beyond = -1
    for grid, count in enumerate(scales):
        for number in range(count):
            beyond += 2**grid
            yield grid, number, 2**grid, beyond


class _Proposals(nn.Module):
    """The features of all stretches, by maximum or by learnt convolutions that grow with the length."""

    def __init__(self, c: TwoDTANConfig) -> None:
        super().__init__()
        self.scales = c.scales
        sizes = [(1, 1)] + [(3, 2)] * (len(c.scales) - 1)  # first layer of a grid: kernel, stride
        self.layers = nn.ModuleList(
            nn.ModuleList(self._layer(c, *(first if number == 0 else (2, 1))) for number in range(count))
            for first, count in zip(sizes, c.scales, strict=True)
        )

    @staticmethod
    def _layer(c: TwoDTANConfig, kernel: int, stride: int) -> nn.Module:
        if c.proposals == "pool":
            return nn.MaxPool1d(kernel, stride)
        return nn.Conv1d(c.hidden, c.hidden, kernel, stride)

    def forward(self, clips: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, N) -> cells (B, C, N, N) and their mask (1, 1, N, N)."""
        batch, channels, count = clips.shape
        cells = clips.new_zeros(batch, channels, count, count)
        mask = clips.new_zeros(1, 1, count, count)
        x = clips
        layers = [layer for grid in self.layers for layer in cast(nn.ModuleList, grid)]
        for layer, (_, _, stride, beyond) in zip(layers, _lengths(self.scales), strict=True):
            x = layer(x)
            start = torch.arange(0, count - beyond, stride, device=clips.device)
            cells[:, :, start, start + beyond] = x
            mask[:, :, start, start + beyond] = 1
        return cells, mask


class _Fusion(nn.Module):
    def __init__(self, c: TwoDTANConfig, *, strict_official: bool) -> None:
        super().__init__()
        self.strict_official = strict_official
        self.textual_encoder = word_reader(c.text_dim, c.text_hidden, c.text_layers, bidirectional=c.bidirectional)
        self.tex_linear = nn.Linear(c.text_hidden, c.hidden)
        self.vis_conv = nn.Conv2d(c.hidden, c.hidden, 1)

    def forward(self, text: Tensor, text_mask: Tensor, cells: Tensor, mask: Tensor) -> Tensor:
        """The product of sentence and cells, of unit length over channels: (B, C, N, N)."""
        encoded = read_words(self.textual_encoder, text, text_mask, strict_official=self.strict_official)
        last = text_mask.sum(1).long() - 1
        sentence = self.tex_linear(encoded[torch.arange(len(text)), last])
        return normalize(sentence[:, :, None, None] * self.vis_conv(cells), dim=1) * mask


class _MapConv(nn.Module):
    """Convolutions over the map, each result divided by the number of existing cells under the kernel."""

    def __init__(self, c: TwoDTANConfig) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(c.hidden, c.hidden, kernel, padding=padding)
            for kernel, padding in zip(c.kernels, _tight(c.kernels, c.paddings), strict=True)
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, C, N, N) and the cells that exist (1, 1, N, N) -> the same; right where cells exist."""
        convs = cast(list[nn.Conv2d], list(self.convs))
        ones = [torch.ones_like(conv.weight[:1, :1]) for conv in convs]
        covered, wanted = [mask], [mask]
        for conv, kernel in zip(convs, ones, strict=True):
            covered.append(conv2d(covered[-1].sign(), kernel, padding=int(conv.padding[0])))
        for conv, kernel, share in zip(convs[::-1], ones[::-1], covered[-2::-1], strict=True):
            # what a later kernel sees, and is not 0 anyway
            wanted.append(conv_transpose2d(wanted[-1].sign(), kernel, padding=int(conv.padding[0])) * share)
        for conv, share, seen in zip(convs, covered[1:], wanted[-2::-1], strict=True):
            weight = torch.where(share > 0, 1 / share.clamp(min=1), share)
            if pays(x, conv.weight):
                assert conv.bias is not None
                flat = tiled_conv2d(x.permute(0, 2, 3, 1), conv.weight, conv.bias, int(conv.padding[0]), seen[0, 0] > 0)
                x = flat.permute(0, 3, 1, 2)
            else:
                x = conv(x)
            x = x.relu() * weight
        return x


def _tight(kernels: Sequence[int], paddings: Sequence[int]) -> Sequence[int]:
    """Paddings of equal results and less work, where all padding was to come first.

    No cell exists farther out than the kernels so far reach, and none matters farther out than those to come.
    """
    reach = [kernel // 2 for kernel in kernels]
    if list(paddings) != [sum(reach)] + [0] * (len(reach) - 1):
        return paddings
    borders = [min(sum(reach[:i]), sum(reach[i:])) for i in range(len(reach) + 1)]
    return [after + r - before for before, after, r in zip(borders[:-1], borders[1:], reach, strict=True)]


def resample(features: Tensor, count: int) -> Tensor:
    """The official features of a video, (T, D) -> (count, D): rows of unit length, averaged over equal parts.

    Bounds are rounded half to even and clipped to the last row, so that row belongs to no mean but its own.
    """
    rows = normalize(features, dim=1)
    edges = torch.clamp(torch.round(torch.arange(count + 1) / count * len(rows)), max=len(rows) - 1).long().tolist()
    parts = [rows[a:b].mean(0) if a < b else rows[a] for a, b in pairwise(edges)]
    return torch.stack(parts)


def iou_loss(
    output: TwoDTANOutput, overlaps: Tensor, *, low: float = 0.5, high: float = 1.0, bias: float = 0.0
) -> Tensor:
    """Cross entropy of the probabilities with scaled IoU (B, N, N), of existing cells alone, and its mean."""
    wanted = iou_targets(overlaps, low, high, bias)
    # weighed and not picked out: how many there are would have to be asked of a GPU
    entropy = binary_cross_entropy(output.logits.sigmoid(), wanted, weight=output.mask, reduction="sum")
    return entropy / output.mask.sum()


def rank(output: TwoDTANOutput, durations: Sequence[float]) -> list[list[list[float]]]:
    """Per item all cells as [start, end, score] in seconds, best first; end is the end of the last clip."""
    count = output.logits.shape[-1]
    ranked = []
    for scores, duration in zip(output.probability, durations, strict=True):
        flat = scores.detach().flatten().cpu().numpy()
        cells = np.argsort(flat)[::-1]  # unstable, and later cells first among equals, as officially
        start, end = np.unravel_index(cells, (count, count))
        kept = start <= end
        edges = np.stack([start, end + 1], axis=1)[kept].astype(np.float32) / count * duration
        ranked.append(np.column_stack([edges, flat[cells][kept]]).tolist())
    return ranked


PLATEAU = "ReduceLROnPlateau, factor 0.8, patience 20, of the negated loss of validation: falls while it improves"


def _published(file: str, *, at: str, unlike: Mapping[str, str], **changes: Any) -> Recipe:
    """The recipe of a file of the official experiments; `at` is the first IoU of the test."""
    rows = {"seconds": "any: rows are averaged to 256"}
    source = f"2D-TAN experiments/{file}.yaml, moment_localization/train.py"
    return TAN.changed(clip=10.0, best=f"MR-full-R1@{at}", source=source, unlike={**rows, **unlike}, **changes)


def _learnt(recipe: Recipe, file: str) -> Recipe:
    """The same with proposals that are learnt."""
    return recipe.changed(
        config={"proposals": "conv"},
        options={"suppress": 0.5},
        source=f"2D-TAN experiments/{file}.yaml, moment_localization/train.py",
    )


CHARADES = _published("charades/2D-TAN-16x16-K5L8-pool", at="0.5", unlike={})  # without a split for the plateau
ACTIVITYNET = _published(
    "activitynet/2D-TAN-64x64-K9L4-pool", at="0.3", unlike={"schedule": PLATEAU},
    config={
        "video_dim": 500, "stride": 4, "scales": (16, 8, 8), "kernels": (9,) * 4, "paddings": (16, 0, 0, 0),
    },
    options={"clips": 64, "suppress": 0.5},
)  # fmt: skip
TACOS = _published(
    "tacos/2D-TAN-128x128-K5L8-pool", at="0.1", unlike={"schedule": PLATEAU},
    config={"stride": 2, "scales": (16, 8, 8, 8)},
    options={"clips": 128, "low": 0.3, "high": 0.7, "suppress": 0.4},
)  # fmt: skip


class TwoDTANHead(ProposalHead):
    """2D-TAN on `clips` equal parts of a video of any length; other options are those of `ProposalHead`."""

    name, paper = "2d-tan", "1912.03590"
    config_class, model_class = TwoDTANConfig, TwoDTAN
    loss_weights: ClassVar[Mapping[str, float]] = {"bce_rescale": 1.0}
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "charades-sta": CHARADES,
        "charades-sta/conv": _learnt(CHARADES, "charades/2D-TAN-16x16-K5L8-conv"),
        "activitynet-captions": ACTIVITYNET,
        "activitynet-captions/conv": _learnt(ACTIVITYNET, "activitynet/2D-TAN-64x64-K9L4-conv"),
        "tacos": TACOS,
        "tacos/conv": replace(_learnt(TACOS, "tacos/2D-TAN-128x128-K5L8-conv"), unlike=CHARADES.unlike),
    }
    small: ClassVar[Recipe] = SMALL_TAN.changed(config={"stride": 2, "kernels": (5,) * 4, "paddings": (8, 0, 0, 0)})
    batch_leaks = True

    def __init__(self, config: Any = None, *, clips: int = 16, suppress: float = 0.45, **options: Any) -> None:
        super().__init__(config, suppress=suppress, **options)
        self.options["clips"] = self.clips = clips
        self.rows = clips * self.config.stride

    @staticmethod
    def recognises(state: State) -> bool:
        """Frames are pooled, and there is one map."""
        return "frame_layer.vis_conv.weight" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the one published grid that fits; max-pooled files of Charades-STA and TACoS are alike."""
        sizes = tan_sizes(state, "frame_layer", "fusion_layer")
        kernels = [v.shape[-1] for k, v in state.items() if k.startswith("map_layer.convs.") and k.endswith(".weight")]
        scales = {int(k.split(".")[2]) for k in state if k.startswith("prop_layer.layers.")}
        proposals = "conv" if scales else "pool"
        grids = [TwoDTANConfig(**recipe.config) for recipe in cls.recipes.values()]
        fits = [
            c
            for c in grids
            if c.proposals == proposals and list(c.kernels) == kernels and len(scales) in (0, len(c.scales))
        ]
        if len(fits) != 1:
            raise ModelError("does not state its grid of clips; pass head=TwoDTANHead(…) with its configuration")
        return {**vars(fits[0]), **sizes}

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The other options of the recipe whose grid it is."""
        sizes = cls.sizes(state, options)
        grids = {name: TwoDTANConfig(**recipe.config) for name, recipe in cls.recipes.items()}
        kinds = {name: (grid.stride, grid.proposals) for name, grid in grids.items()}
        name = next(name for name, kind in kinds.items() if kind == (sizes["stride"], sizes["proposals"]))
        return dict(cls.recipes[name].options)

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> Tensor:
        """IoU of every cell with the nearest moment: (B, N, N)."""
        maps = [map_overlaps(e.windows, self.clips, self.clips, e.duration / self.clips) for e in examples]
        start, last = np.meshgrid(np.arange(self.clips), np.arange(self.clips), indexing="ij")
        cells = [np.where(last >= start, lengths[start, np.maximum(last - start, 0)], 0.0) for lengths in maps]
        return torch.from_numpy(np.stack(cells).astype(np.float32))

    def losses(self, output: TwoDTANOutput, targets: Tensor) -> dict[str, Tensor]:
        """The cross entropy of cells with scaled IoU, and `total`."""
        loss = iou_loss(output, targets, low=self.low, high=self.high)
        return {"bce_rescale": loss, "total": loss}

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """The best cells that overlap little."""
        ranked = rank(self.model(*self.inputs(examples)), [e.duration for e in examples])
        return [self.apart(windows) for windows in ranked]

    def collate(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Rows (B, clips * stride, D), words (B, T, D') and their mask."""
        video = torch.stack([resample(torch.from_numpy(e.video), self.rows) for e in examples])
        return video, *self.words(examples)
