"""VideoMind's grounder (arXiv:2503.13444): spans regressed from the hidden state that says `<|reg|>`, and the frames'.

The answer `The relevant moment happens in <|reg|>.` gives one hidden state; the frame tokens, averaged over each step
of time (two frames), give T more. All are taken before the language model's last norm. Time is counted in steps, 0 to
T; spans leave as fractions of T. Names are the official ones: the head holds the 93 parameters of a published
`pytorch_model.safetensors`. Source: yeliudev/VideoMind `model/model.py`, `model/generator.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from whenabouts.grounders.llm.systems.videomind.blocks import ConvHead, FusionLayer, Offset, Pyramid, Scale, turns

__all__ = ["WIDTH", "Head", "Points", "pooled", "ranked"]

WIDTH, LAYERS = 256, 3
STRIDES = (1, 2, 4, 8)
NMS_TIOU, MOST = 0.75, 100


@dataclass(frozen=True)
class Points:
    """Output of the head for B videos of T steps each; P points over all levels, in steps.

    In training there is an output for each of the fusion's layers, one after another: then B is 3 × the videos.

    places, strides: (P,)        logits: (B, P)        offsets: (B, P, 2) to start and end, ≥ 0, in strides
    real: (P,) True where there is video        frames: (B, T, width)        query: (B, width), of `<|reg|>`
    """

    places: Tensor
    strides: Tensor
    logits: Tensor
    offsets: Tensor
    real: Tensor
    frames: Tensor
    query: Tensor

    @property
    def spans(self) -> Tensor:
        """Start and end of every point's span (B, P, 2), as fractions of the video; they may lie outside it."""
        reach = self.offsets * self.strides[:, None] * self.offsets.new_tensor([-1.0, 1.0])
        return (self.places[:, None] + reach) / self.frames.shape[1]


class Head(nn.Module):
    """Hidden states of `<|reg|>` (B, hidden) and of T steps of video (B, T, hidden) -> `Points`."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.vis_proj = nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, WIDTH))
        self.reg_proj = nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, WIDTH))
        self.vis_norm = nn.LayerNorm(WIDTH)
        self.vis_fuse = nn.ModuleList(FusionLayer(WIDTH) for _ in range(LAYERS))
        self.vis_emb, self.reg_emb = Offset(WIDTH), Offset(WIDTH)
        self.pyramid = Pyramid(WIDTH, STRIDES)
        self.class_head, self.coord_head = ConvHead(WIDTH, 1), ConvHead(WIDTH, 2)
        self.coef = Scale(len(STRIDES))

    def forward(self, reg: Tensor, steps: Tensor) -> Points:
        """Every point's score and span.

        In training a video shorter than the longest stride is padded, so that it has points on all levels.
        """
        frames = self.vis_emb(self.vis_proj(steps))
        frames = frames + turns(frames.shape[1], WIDTH, frames)
        joint = torch.cat([frames, self.reg_emb(self.reg_proj(reg)[:, None])], dim=1)  # <|reg|> has no place in time
        layers = []
        for layer in self.vis_fuse:
            joint = layer(joint)
            layers.append(joint)
        joint = self.vis_norm(torch.cat(layers) if self.training else joint)
        frames, query = joint[:, :-1], joint[:, -1]

        length = frames.shape[1]
        levels = self.pyramid(pad(frames, (0, 0, 0, max(0, STRIDES[-1] - length))) if self.training else frames)
        places, strides = _places(levels, frames)
        offsets = [self.coord_head(level).exp() * scale for level, scale in zip(levels, self.coef.scale, strict=False)]
        logits = torch.cat([self.class_head(level)[..., 0] for level in levels], 1)
        return Points(places, strides, logits, torch.cat(offsets, 1), places < length, frames, query)


def _places(levels: Sequence[Tensor], like: Tensor) -> tuple[Tensor, Tensor]:
    """Where points stand, k × stride, and their strides."""
    sizes = list(zip(STRIDES, (level.shape[1] for level in levels), strict=False))
    places = torch.cat([torch.arange(size) * stride for stride, size in sizes])
    strides = torch.cat([torch.full((size,), stride) for stride, size in sizes])
    return places.to(like), strides.to(like)


def pooled(tokens: Tensor, steps: int) -> Tensor:
    """Average the tokens of each step of time: (B, steps × n, D), step after step -> (B, steps, D)."""
    if tokens.shape[1] % steps:
        raise ValueError(f"{tokens.shape[1]} frame tokens cannot be shared evenly by {steps} steps of time")
    return tokens.reshape(len(tokens), steps, -1, tokens.shape[2]).float().mean(2).to(tokens.dtype)


def ranked(points: Points) -> Tensor:
    """Start, end (fractions) and score of at most 100 spans of one video (≤ 100, 3), best first.

    A span that overlaps a better one by tIoU ≥ 0.75 scores 0 and stays, behind those that score: as the official code.
    """
    rows = torch.cat([points.spans[0], points.logits[0, :, None].sigmoid()], dim=-1).detach()
    rows = rows[rows[:, 2].argsort(descending=True)]
    for i in range(len(rows)):
        best = i + int(rows[i:, 2].argmax())
        rows[[i, best]] = rows[[best, i]]
        rest = rows[i + 1 :]
        shared = (torch.minimum(rows[i, 1], rest[:, 1]) - torch.maximum(rows[i, 0], rest[:, 0])).clamp(min=0)
        union = (rows[i, 1] - rows[i, 0]) + (rest[:, 1] - rest[:, 0]) - shared
        rest[shared / union >= NMS_TIOU, 2] = 0
    return rows[:MOST]
