"""ActionFormer's network: a pyramid of local attention, and what every point of it says of every class."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, relu

from whenabouts.grounders.learned.actionformer.layers import Block, ChannelNorm, MaskedConv, relu_stack, sinusoids

__all__ = ["ActionFormer", "ActionFormerConfig", "Found"]


@dataclass(frozen=True)
class ActionFormerConfig:
    """Sizes; official names in brackets.

    classes:   that are told apart (num_classes)
    hidden:    width of the pyramid (embd_dim); head_hidden: of the two that answer (head_dim)
    parts:     widths of features side by side that are projected one by one (input_dim), and into what
               (part_hidden, embd_dim); none: all at once
    layers:    convolutions, blocks at full length, and levels that halve it (backbone_arch)
    windows:   places that one attends to, level by level; -1 is all (n_mha_win_size)
    ranges:    distances in rows that a level answers for in training (regression_range)
    rows:      that training sees at once, and shorter videos are filled up to (max_seq_len)
    places:    whether rows know their place (use_abs_pe); relative: to each other (use_rel_pe)
    prior:     probability that points begin with (cls_prior_prob)
    """

    video_dim: int = 2048
    text_dim: int = 0
    classes: int = 20
    hidden: int = 512
    head_hidden: int = 512
    heads: int = 4
    parts: tuple[int, ...] = ()
    part_hidden: tuple[int, ...] = ()
    layers: tuple[int, int, int] = (2, 2, 5)
    windows: tuple[int, ...] = (19,) * 6
    ranges: tuple[tuple[float, float], ...] = ((0, 4), (4, 8), (8, 16), (16, 32), (32, 64), (64, 10000))
    rows: int = 2304
    kernel: int = 3
    head_kernel: int = 3
    head_layers: int = 3
    places: bool = False
    relative: bool = False
    dropout: float = 0.0
    path: float = 0.1
    prior: float = 0.01


class Found(NamedTuple):
    """What all points of all levels say, the finest level first.

    logits (B, P, classes), distances to start and end (B, P, 2) in strides of the level, those inside it (B, P).
    """

    logits: Tensor
    offsets: Tensor
    mask: Tensor


class Pyramid(nn.Module):
    """Rows as a pyramid, every level half as long as the one before."""

    def __init__(self, c: ActionFormerConfig) -> None:
        super().__init__()
        self.c = c
        width = c.video_dim
        if c.parts:
            self.proj = nn.ModuleList(MaskedConv(a, b) for a, b in zip(c.parts, c.part_hidden, strict=True))
            width = c.hidden
        sizes = [width] + [c.hidden] * (c.layers[0] - 1)
        self.embd = nn.ModuleList(MaskedConv(size, c.hidden, c.kernel, bias=False) for size in sizes)
        self.embd_norm = nn.ModuleList(ChannelNorm(c.hidden) for _ in sizes)
        if c.places:
            self.register_buffer("pos_embd", sinusoids(c.rows, c.hidden), persistent=False)

        def block(window: int, stride: int) -> Block:
            return Block(c.hidden, c.heads, window, stride, dropout=c.dropout, path=c.path, relative=c.relative)

        self.stem = nn.ModuleList(block(c.windows[0], 1) for _ in range(c.layers[1]))
        self.branch = nn.ModuleList(block(c.windows[1 + i], 2) for i in range(c.layers[2]))
        for module in self.modules():
            if isinstance(module, nn.Conv1d) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor, mask: Tensor) -> list[tuple[Tensor, Tensor]]:
        """(B, D, T), (B, 1, T) -> by level (B, C, T'), (B, 1, T')."""
        if self.c.parts:
            x = torch.cat(
                [proj(s, mask)[0] for proj, s in zip(self.proj, torch.split(x, list(self.c.parts), 1), strict=True)], 1
            )
        x = relu_stack(self.embd, self.embd_norm, x, mask)
        if self.c.places:
            places: Tensor = self.get_buffer("pos_embd")
            if x.shape[-1] > places.shape[-1]:
                places = interpolate(places, x.shape[-1], mode="linear", align_corners=False)
            x = x + places[..., : x.shape[-1]] * mask.to(x.dtype)
        for block in self.stem:
            x, mask = block(x, mask)
        levels = [(x, mask)]
        for block in self.branch:
            x, mask = block(x, mask)
            levels.append((x, mask))
        return levels


class Tower(nn.Module):
    """Convolutions shared by all levels; the last has a name of its own."""

    def __init__(self, c: ActionFormerConfig, last: str, out: int) -> None:
        super().__init__()
        sizes = [c.hidden] + [c.head_hidden] * (c.head_layers - 2)
        self.head = nn.ModuleList(MaskedConv(size, c.head_hidden, c.head_kernel, bias=False) for size in sizes)
        self.norm = nn.ModuleList(ChannelNorm(c.head_hidden) for _ in sizes)
        self.add_module(last, MaskedConv(c.head_hidden, out, c.head_kernel))
        self.last = last

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, C, T), (B, 1, T) -> (B, T, out)."""
        out: Tensor = self.get_submodule(self.last)(relu_stack(self.head, self.norm, x, mask), mask)[0]
        return out.transpose(1, 2)


class Scale(nn.Module):
    """One learned factor."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))


class Neck(nn.Module):
    """A normalisation per level."""

    def __init__(self, width: int, levels: int) -> None:
        super().__init__()
        self.fpn_norms = nn.ModuleList(ChannelNorm(width) for _ in range(levels))


class Offsets(Tower):
    """Distances, with a factor per level."""

    def __init__(self, c: ActionFormerConfig, levels: int) -> None:
        super().__init__(c, "offset_head", 2)
        self.scale = nn.ModuleList(Scale() for _ in range(levels))


class ActionFormer(nn.Module):
    """The whole network. `strict_official` changes nothing: official answers are of one video at a time."""

    def __init__(self, config: ActionFormerConfig, *, strict_official: bool = False) -> None:
        super().__init__()
        levels = 1 + config.layers[2]
        self.backbone, self.neck = Pyramid(config), Neck(config.hidden, levels)
        self.cls_head = Tower(config, "cls_head", config.classes)
        self.reg_head = Offsets(config, levels)
        nn.init.constant_(self.cls_head.cls_head.conv.bias, -math.log((1 - config.prior) / config.prior))  # type: ignore[arg-type, union-attr]

    def forward(self, rows: Tensor, mask: Tensor) -> Found:
        """(B, T, D), (B, T) -> what all points say; T is a multiple of the coarsest stride."""
        found = []
        for i, (x, there) in enumerate(self.backbone(rows.transpose(1, 2), mask[:, None])):
            level = self.neck.fpn_norms[i](x)
            scale: Tensor = self.reg_head.scale[i].scale  # type: ignore[assignment]
            found.append((self.cls_head(level, there), relu(self.reg_head(level, there) * scale), there[:, 0]))
        logits, offsets, masks = (torch.cat(side, 1) for side in zip(*found, strict=True))
        return Found(logits, offsets, masks)
