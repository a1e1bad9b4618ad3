"""MS-2D-TAN (Zhang et al. 2021, arXiv:2012.02646): maps of start and length, one for each of several scales.

Cell (s, a) of the map of scale k stands for a + 1 clips from clip s, where a clip of scale k is 2^k clips of scale 0.
Half the cells of a scale are those of the scale below with an even start and an even number of clips; the other half
are twice as long. Scores are probabilities.

The official sentence encoder reads backwards from the padding of the longest text, so an answer depends on its batch,
and a batch keeps as many cells per item as exist for its first; here only under `strict_official`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool1d, binary_cross_entropy, conv2d, normalize

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
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["MSTwoDTAN", "MSTwoDTANConfig", "MSTwoDTANHead", "MSTwoDTANOutput", "iou_losses", "pick", "rank"]

VGG = 4096  # numbers a row of VGG and of C3D, of which 4, 6 or 1 make a clip; of I3D's 1024 always one


@dataclass(frozen=True)
class MSTwoDTANConfig:
    """Sizes as published for Charades-STA with VGG features.

    stride:    feature rows per clip of scale 0
    layers:    layers of each scale; scale 0 has as many lengths, the others twice as many
    proposals: `conv` learns the features of a stretch with batch norm, `plain` without, `pool` takes the maximum
    kernels:   of the convolutions over each map; odd
    maps:      `gated` convolutions, `plain` ones, `masked` ones that are 0 where no cell is under the kernel, or their
               `mean`, which is divided by how many are
    """

    video_dim: int = 4096
    text_dim: int = 300
    hidden: int = 512
    text_hidden: int = 512
    text_layers: int = 3
    bidirectional: bool = True
    stride: int = 4
    layers: tuple[int, ...] = (16, 8, 8)
    proposals: str = "conv"
    kernels: tuple[int, ...] = (17, 17)
    maps: str = "gated"


@dataclass(frozen=True)
class MSTwoDTANOutput:
    """Per scale probabilities (B, N / 2^k, A) and the cells that exist (the same shape, 1 or 0)."""

    probabilities: tuple[Tensor, ...]
    masks: tuple[Tensor, ...]

    def joint(self) -> tuple[Tensor, Tensor]:
        """All scales in one map (B, N, N) of start and clips beyond the first, and its mask; 0 where no cell is."""
        return _on_one_map(self.probabilities), _on_one_map(self.masks)


class MSTwoDTAN(nn.Module):
    """The model; parameters are named as in the official state dict."""

    def __init__(self, config: MSTwoDTANConfig | None = None, *, strict_official: bool = False) -> None:
        super().__init__()
        self.config = c = config or MSTwoDTANConfig()
        self.clip_module = _ClipPool(c)
        self.prop_module = _Proposals(c)
        self.fusion_module = _Fusion(c, strict_official=strict_official)
        self.map_modules = nn.ModuleList((_GatedConv if c.maps == "gated" else _PlainConv)(c) for _ in c.layers)
        self.pred_modules = nn.ModuleList(_ScoreMap(c) for _ in c.layers)

    def forward(self, video: Tensor, video_mask: Tensor, text: Tensor, text_mask: Tensor) -> MSTwoDTANOutput:
        """Rows (B, T, video_dim) and words (B, W, text_dim) with masks (B, T) and (B, W), 1 where valid."""
        clips, mask = self.clip_module(video.transpose(1, 2), video_mask[:, None].to(video.dtype))
        sentence = self.fusion_module.sentence(text, text_mask)
        probabilities, masks = [], []
        stretches = self.prop_module(clips, mask)
        for (cells, exists), convs, head in zip(stretches, self.map_modules, self.pred_modules, strict=True):
            probabilities.append(head(convs(self.fusion_module(sentence, cells, exists), exists), exists)[:, 0])
            masks.append(exists[:, 0])
        return MSTwoDTANOutput(tuple(probabilities), tuple(masks))


class _ClipPool(nn.Module):
    def __init__(self, c: MSTwoDTANConfig) -> None:
        super().__init__()
        self.stride = c.stride
        self.vis_conv = nn.Conv1d(c.video_dim, c.hidden, 1)

    def forward(self, rows: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(B, D, T) rows and (B, 1, T) mask -> (B, hidden, N) clips and (B, 1, N), 1 where all rows are valid."""
        mask = _whole(mask, self.stride, self.stride)
        return avg_pool1d(self.vis_conv(rows).relu(), self.stride) * mask, mask


class _Proposals(nn.Module):
    """The features of stretches, each one layer beyond those that are a clip shorter."""

    def __init__(self, c: MSTwoDTANConfig) -> None:
        super().__init__()
        kinds: dict[str, Callable[[int, int], nn.Module]] = {
            "conv": partial(_conv_norm, c.hidden),
            "plain": partial(nn.Conv1d, c.hidden, c.hidden),
            "pool": nn.MaxPool1d,
        }
        layer = kinds[c.proposals]
        self.layers = nn.ModuleList(
            nn.ModuleList(layer(*self._kernel(scale, number)) for number in range(count))
            for scale, count in enumerate(c.layers)
        )

    @staticmethod
    def _kernel(scale: int, number: int) -> tuple[int, int]:
        """Kernel and stride of a layer: the first of a scale halves the number of starts."""
        if number:
            return 2, 1
        return (3, 2) if scale else (1, 1)

    def forward(self, x: Tensor, mask: Tensor) -> list[tuple[Tensor, Tensor]]:
        """(B, C, N) and (B, 1, N) -> per scale cells (B, C, N / 2^k, A) and (B, 1, N / 2^k, A)."""
        batch, channels, clips = x.shape
        scales: list[tuple[Tensor, Tensor]] = []
        for scale, layers in enumerate(self.layers):
            assert isinstance(layers, nn.ModuleList)
            count, known = clips // 2**scale, len(layers) if scale else 0
            cells = x.new_zeros(batch, channels, count, known + len(layers))
            exists = mask.new_zeros(batch, 1, count, known + len(layers))
            if scale:
                for below, here in zip(scales[-1], (cells, exists), strict=True):
                    here[..., :known] = below[:, :, : 2 * count : 2, 1::2]
            for number, layer in enumerate(layers):
                mask = _whole(mask, *self._kernel(scale, number))
                x = layer(x) * mask
                cells[:, :, : x.shape[-1], known + number] = x
                exists[:, :, : x.shape[-1], known + number] = mask
            scales.append((cells, exists))
        return scales


def _conv_norm(hidden: int, kernel: int, stride: int) -> nn.Module:
    return nn.Sequential(nn.Conv1d(hidden, hidden, kernel, stride), nn.BatchNorm1d(hidden), nn.Tanh())


def _whole(mask: Tensor, kernel: int, stride: int) -> Tensor:
    """1 where all under the kernel is valid."""
    return (avg_pool1d(mask, kernel, stride) == 1).to(mask.dtype)


class _Fusion(nn.Module):
    def __init__(self, c: MSTwoDTANConfig, *, strict_official: bool) -> None:
        super().__init__()
        self.strict_official = strict_official
        self.textual_encoder = word_reader(c.text_dim, c.text_hidden, c.text_layers, bidirectional=c.bidirectional)
        self.tex_linear = nn.Linear(c.text_hidden, c.hidden)
        self.vis_conv = nn.Conv2d(c.hidden, c.hidden, 1)

    def sentence(self, text: Tensor, text_mask: Tensor) -> Tensor:
        """The mean over words: (B, W, text_dim) and (B, W) -> (B, hidden)."""
        encoded = read_words(self.textual_encoder, text, text_mask, strict_official=self.strict_official)
        mean = (encoded * text_mask[..., None]).sum(1) / text_mask.sum(1, keepdim=True)
        sentence: Tensor = self.tex_linear(mean)
        return sentence

    def forward(self, sentence: Tensor, cells: Tensor, mask: Tensor) -> Tensor:
        """The product of sentence and cells, of unit length over channels: (B, C, N, A)."""
        return normalize(sentence[:, :, None, None] * self.vis_conv(cells), dim=1) * mask


class _GatedConv(nn.Module):
    def __init__(self, c: MSTwoDTANConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.ModuleList(nn.Conv2d(c.hidden, size, kernel, padding=kernel // 2) for size in (c.hidden, 1))
            for kernel in c.kernels
        )

    def forward(self, x: Tensor, exists: Tensor) -> Tensor:
        """(B, C, N, A) -> the same; cells that do not exist take part, as officially."""
        for block in self.blocks:
            assert isinstance(block, nn.ModuleList)
            conv, gate = block
            x = conv(x).relu() * gate(x).sigmoid()
        return x


class _PlainConv(nn.Module):
    def __init__(self, c: MSTwoDTANConfig) -> None:
        super().__init__()
        self.kind = c.maps
        self.convs = nn.ModuleList(nn.Conv2d(c.hidden, c.hidden, kernel, padding=kernel // 2) for kernel in c.kernels)

    def forward(self, x: Tensor, exists: Tensor) -> Tensor:
        """(B, C, N, A) -> the same."""
        for conv in self.convs:
            assert isinstance(conv, nn.Conv2d)
            x = conv(x).relu()
            if self.kind != "plain":
                covered = conv2d(exists, torch.ones_like(conv.weight[:1, :1]), padding="same").round()
                exists = (covered > 0).to(x.dtype)
                x = x * exists / (covered.clamp(min=1) if self.kind == "mean" else 1)
        return x


class _ScoreMap(nn.Module):
    def __init__(self, c: MSTwoDTANConfig) -> None:
        super().__init__()
        self.predictor = nn.Conv2d(c.hidden, 1, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, C, N, A) -> (B, 1, N, A) in [0, 1], 0 where there is no cell."""
        probability: Tensor = self.predictor(x * mask).sigmoid() * mask
        return probability


def _on_one_map(maps: Sequence[Tensor]) -> Tensor:
    batch, clips, _ = maps[0].shape
    joint = maps[0].new_zeros(batch, clips, clips)
    for cells in maps:
        step = clips // cells.shape[1]
        beyond = torch.arange(cells.shape[2], device=cells.device) * step + step - 1
        inside = beyond < clips
        rows = joint[:, : cells.shape[1] * step : step]
        rows[:, :, beyond[inside]] = torch.maximum(rows[:, :, beyond[inside]], cells[:, :, inside])
    return joint


def pick(rows: Tensor, count: int) -> Tensor:
    """Features of a video (T, D) -> (count, D): unit rows, of each of `count` equal parts the middle one."""
    rows = normalize(rows, dim=1)
    edges = torch.clamp(torch.round(torch.arange(count + 1) / count * len(rows)), max=len(rows) - 1).long()
    return rows[(edges[:-1] + edges[1:]) // 2]


def iou_losses(
    output: MSTwoDTANOutput, overlaps: Sequence[Tensor], *, low: float = 0.5, high: float = 1.0, bias: float = 0.0
) -> Tensor:
    """Per scale the cross entropy with scaled IoU (B, N', A), (scales,); N' may be less than N, where a video ends."""
    losses = []
    for probability, mask, target in zip(output.probabilities, output.masks, overlaps, strict=True):
        clips = target.shape[1]
        entropy = binary_cross_entropy(probability[:, :clips], iou_targets(target, low, high, bias), reduction="none")
        losses.append((entropy * mask[:, :clips]).sum() / mask.sum())
    return torch.stack(losses)


def rank(
    output: MSTwoDTANOutput, seconds: Sequence[float], *, strict_official: bool = False
) -> list[list[list[float]]]:
    """Per item all cells as [start, end, score] in seconds, best first; `seconds` is the length of its whole map.

    Officially every item has as many cells as exist for the first of the batch.
    """
    joint, exists = output.joint()
    clips = joint.shape[1]
    counts = (exists > 0).flatten(1).sum(1).tolist()
    ranked = []
    for scores, count, length in zip(joint.detach(), counts, seconds, strict=True):
        best, cells = scores.flatten().topk(counts[0] if strict_official else count)
        start = (cells // clips).float() / clips * length
        end = start + (cells % clips + 1).float() / clips * length
        ranked.append(torch.stack([start, end, best], dim=1).tolist())
    return ranked


SOURCE = "MS-2D-TAN experiments/{}.yaml, moment_localization/run.py"
SLIDING = {"rows": "of `seconds` each, the rest of a shorter video empty; here a video is averaged to as many"}
ONE_ROW_A_CLIP: Mapping[str, Any] = {"config": {"stride": 1}, "options": {"rows": 64}}


def _published(file: str, at: str, **changes: Any) -> Recipe:
    """The recipe of a file of the official experiments; `at` is the first IoU of the test."""
    unlike = {} if file.startswith("activitynet") else SLIDING
    return TAN.changed(drop_last=True, best=f"MR-full-R1@{at}", source=SOURCE.format(file), unlike=unlike, **changes)


LONG = _published(
    "tacos/MS-2D-TAN-G-C3D-H512N512K5A8k9L2", "0.1", seconds=1.0,
    config={"stride": 1, "layers": (8, 4, 4, 4, 4), "kernels": (9, 9)}, options={"rows": 512},
)  # fmt: skip


class MSTwoDTANHead(ProposalHead):
    """MS-2D-TAN on `rows` equal parts of a video of any length; other options are those of `ProposalHead`.

    The official "sliding window" reading of a video, rows of a fixed length, is that of `longest` = `rows` here.
    """

    name, paper = "ms-2d-tan", "2012.02646"
    config_class, model_class = MSTwoDTANConfig, MSTwoDTAN
    loss_weights: ClassVar[Mapping[str, float]] = {"scales": 1.0}
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "charades-sta": _published("charades/MS-2D-TAN-G-VGG", "0.5", seconds=1 / 6),
        "charades-sta/c3d": _published("charades/MS-2D-TAN-G-C3D", "0.5", seconds=1.0, **ONE_ROW_A_CLIP),
        "charades-sta/i3d": _published("charades/MS-2D-TAN-G-I3D", "0.5", seconds=0.64, **ONE_ROW_A_CLIP).changed(
            config={"video_dim": 1024}
        ),
        "activitynet-captions": _published("activitynet/MS-2D-TAN-G-C3D", "0.3", seconds=1.0, **ONE_ROW_A_CLIP),
        "activitynet-captions/i3d": _published("activitynet/MS-2D-TAN-G-I3D", "0.3", **ONE_ROW_A_CLIP).changed(
            config={"video_dim": 1024}, unlike={"seconds": "not said: a video is averaged to 64 rows"}
        ),
        "tacos": LONG,
        "tacos/i3d": LONG.changed(
            seconds=0.64, config={"video_dim": 1024}, source=SOURCE.format("tacos/MS-2D-TAN-G-I3D-H512N512K5A8k9L2")
        ),
    }
    small: ClassVar[Recipe] = SMALL_TAN.changed(
        config={"stride": 1, "layers": (8, 4, 4), "kernels": (5, 5)}, options={"rows": 32}
    )
    batch_leaks = True

    def __init__(self, config: Any = None, *, rows: int = 256, suppress: float = 0.49, **options: Any) -> None:
        super().__init__(config, suppress=suppress, **options)
        self.options["rows"] = self.rows = rows

    @staticmethod
    def recognises(state: State) -> bool:
        """Clips are pooled, and there are maps of several scales."""
        return "clip_module.vis_conv.weight" in state

    @classmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the one published model that fits, by its scales and the width of its features."""
        numbers = [key.split(".")[2:4] for key in state if key.startswith("prop_module.layers.")]
        if not numbers:
            raise ModelError("is a max-pooled MS-2D-TAN, which does not state its scales; pass head=MSTwoDTANHead(…)")
        scales = 1 + max(int(scale) for scale, _ in numbers)
        convs = sorted(k for k in state if re.fullmatch(r"map_modules\.0\.(blocks\.\d+\.0|convs\.\d+)\.weight", k))
        sizes = tan_sizes(state, "clip_module", "fusion_module")
        plain = any(".convs." in key for key in convs)
        if (plain and scales > 1) or (scales == 3 and sizes["video_dim"] == VGG):
            unknown = "which convolutions run over its maps" if plain else "how many rows make a clip"
            raise ModelError(f"does not state {unknown}; pass head=MSTwoDTANHead(…) with its configuration")
        return sizes | {
            "stride": 1,
            "layers": tuple(1 + max(int(n) for scale, n in numbers if int(scale) == s) for s in range(scales)),
            "proposals": "conv" if "prop_module.layers.0.0.1.running_mean" in state else "plain",
            "kernels": tuple(state[key].shape[-1] for key in convs),
            "maps": "plain" if plain else "gated",
        }

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """The rows of published models with as many scales."""
        return {"rows": 512 if len(cls.sizes(state, options)["layers"]) == 5 else 64}

    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> list[Tensor]:
        """IoU of every cell of every scale with the nearest moment: (B, N / 2^k, A)."""
        overlaps, clips = [], self.rows // self.config.stride
        for scale, layers in enumerate(self.config.layers):
            count, anchors = clips // 2**scale, layers * (2 if scale else 1)  # those of the finer map are kept
            maps = [map_overlaps(e.windows, count, anchors, e.duration / count) for e in examples]
            overlaps.append(torch.from_numpy(np.stack(maps).astype(np.float32)))
        return overlaps

    def losses(self, output: MSTwoDTANOutput, targets: Sequence[Tensor]) -> dict[str, Tensor]:
        """The cross entropy of cells with scaled IoU, by scale, and their sum as `total`."""
        losses = iou_losses(output, targets, low=self.low, high=self.high)
        return {f"scales/{i}": loss for i, loss in enumerate(losses)} | {"total": losses.sum()}

    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """The best cells that overlap little."""
        ranked = rank(self.model(*self.inputs(examples)), [e.duration for e in examples])
        return [self.apart(windows) for windows in ranked]

    def collate(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Rows (B, rows, D) and words (B, T, D'), each with a mask."""
        video = torch.stack([pick(torch.from_numpy(e.video), self.rows) for e in examples])
        return video, video.new_ones(video.shape[:2]), *self.words(examples)
