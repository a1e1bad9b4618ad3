"""VideoMind's grounder (arXiv:2503.13444): spans regressed from the hidden state of `<|reg|>` and of the frames.

The answer `The relevant moment happens in <|reg|>.` gives one hidden state; the frame tokens, averaged per temporal
patch, give T more. Time is counted in patches, 0 to T; spans leave as fractions of T and become seconds with the
duration. Names that are the official ones (yeliudev/VideoMind, `blocks.py`): inside `pyramid` `blocks.<level>.<n>`,
inside the two heads `module.1` and `module.3`, inside the scales `scale`. The names of the parts themselves
(`vis_proj`, `reg_proj`, `fusion`, `pyramid`, `class_head`, `coord_head`, `coef`) are ours, and so are the inside of
the fusion layers, the place of points, which of them are positive, and the temperature of the saliency.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity, l1_loss, max_pool1d

from whenabouts.moment import Moment, nms

__all__ = ["SpanHead", "Spans", "decode", "pool_patches", "span_loss"]

STRIDES = (1, 2, 4, 8)
FOCAL, L1, SALIENCY = 5.0, 1.0, 0.05  # weights of the three losses
ALPHA, GAMMA = 0.9, 2.0  # of the focal loss
RADIUS = 1.5  # strides around a span's centre within which points are positive
TEMPERATURE = 0.07
NMS_TIOU, MAX_MOMENTS = 0.75, 100


@dataclass(frozen=True)
class Spans:
    """Output of the head for B videos; P points over all levels, in patches.

    centres, strides: (P,)        logits: (B, P)        offsets: (B, P, 2) to start and end, ≥ 0, in strides
    mask: (B, P) True where there is video        saliency: (B, T) logits        frames: (B, T) True where a frame is
    """

    centres: Tensor
    strides: Tensor
    logits: Tensor
    offsets: Tensor
    mask: Tensor
    saliency: Tensor
    frames: Tensor

    def fractions(self) -> Tensor:
        """Start and end of every point's span (B, P, 2), as fractions of each video's own number of patches."""
        reach = self.offsets * self.strides[:, None]
        ends = torch.stack([self.centres - reach[..., 0], self.centres + reach[..., 1]], dim=-1)
        return (ends / self.frames.sum(1)[:, None, None]).clamp(0, 1)


class _Swap(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(-1, -2)


def _descent(width: int, stride: int) -> nn.Module:
    """(B, T, width) -> (B, T / stride, width): halved again and again."""
    layers: list[nn.Module] = []
    for _ in range(int(math.log2(stride))):
        layers += [_Swap(), nn.Conv1d(width, width, 2, stride=2), _Swap(), nn.LayerNorm(width), nn.ReLU()]
    return nn.Sequential(*layers) if layers else nn.ReLU()


class _Pyramid(nn.Module):
    def __init__(self, width: int, strides: Sequence[int]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(_descent(width, stride) for stride in strides)


class _ConvHead(nn.Module):
    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        first, last = nn.Conv1d(width, width, 3, padding=1), nn.Conv1d(width, out, 3, padding=1)
        self.module = nn.Sequential(_Swap(), first, nn.ReLU(), last, _Swap())

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, width) -> (B, L, out); what is behind a video's end counts as zero."""
        swap, first, relu, last, back = self.module
        scores: Tensor = back(last(relu(first(swap(x))) * mask[:, None]))
        return scores


class _Scale(nn.Module):
    def __init__(self, levels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(levels))


class SpanHead(nn.Module):
    """Hidden states of `<|reg|>` (B, D) and of T temporal patches (B, T, D) -> `Spans`.

    mask: (B, T), True where there is a patch; rows are filled from the left. Levels longer than T are skipped.
    """

    def __init__(
        self, in_width: int, width: int = 256, *, heads: int = 8, layers: int = 3, strides: Sequence[int] = STRIDES
    ) -> None:
        super().__init__()
        self.strides = tuple(strides)
        self.vis_proj = nn.Sequential(nn.LayerNorm(in_width), nn.Linear(in_width, width))
        self.reg_proj = nn.Sequential(nn.LayerNorm(in_width), nn.Linear(in_width, width))
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, 0.0, batch_first=True, norm_first=True)
        self.fusion = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)
        self.pyramid = _Pyramid(width, self.strides)
        self.class_head, self.coord_head = _ConvHead(width, 1), _ConvHead(width, 2)
        self.coef = _Scale(len(self.strides))

    def forward(self, reg: Tensor, patches: Tensor, mask: Tensor | None = None) -> Spans:
        """Every point's score and span."""
        mask = torch.ones(patches.shape[:2], dtype=torch.bool, device=patches.device) if mask is None else mask.bool()
        token, frames = self.reg_proj(reg)[:, None], self.vis_proj(patches)
        frames = frames + _places(frames.shape[1], frames.shape[2]).to(frames)
        hidden = torch.cat([~mask.new_ones(len(mask), 1), ~mask], dim=1)  # the first is <|reg|>, never hidden
        fused = self.fusion(torch.cat([token, frames], dim=1), src_key_padding_mask=hidden)
        token, frames = fused[:, :1], fused[:, 1:] * mask[..., None]
        saliency = cosine_similarity(token, frames, dim=-1) / TEMPERATURE

        centres, strides, logits, offsets, masks = [], [], [], [], []
        for level, (stride, block) in enumerate(zip(self.strides, self.pyramid.blocks, strict=True)):
            if frames.shape[1] < stride:
                continue
            kept = max_pool1d(mask[:, None].to(frames), stride)[:, 0] > 0
            features = block(frames) * kept[..., None]
            place = torch.arange(features.shape[1], device=frames.device, dtype=frames.dtype)
            centres.append((place + 0.5) * stride)
            strides.append(torch.full_like(place, stride))
            logits.append(self.class_head(features, kept)[..., 0])
            offsets.append(self.coord_head(features, kept).exp() * self.coef.scale[level])
            masks.append(kept)
        joined = (torch.cat(logits, 1), torch.cat(offsets, 1), torch.cat(masks, 1))
        return Spans(torch.cat(centres), torch.cat(strides), *joined, saliency, mask)


def pool_patches(tokens: Tensor, patches: int) -> Tensor:
    """Average the tokens of each temporal patch: (B, patches × n, D), patch after patch -> (B, patches, D)."""
    if tokens.shape[1] % patches:
        raise ValueError(f"{tokens.shape[1]} frame tokens cannot be shared evenly by {patches} temporal patches")
    return tokens.reshape(len(tokens), patches, -1, tokens.shape[2]).mean(2)


def _places(length: int, width: int) -> Tensor:
    """Sinusoidal places (length, width), width even."""
    turns = torch.arange(length)[:, None] * torch.exp(-math.log(1e4) * torch.arange(0, width, 2) / width)
    return torch.stack([turns.sin(), turns.cos()], dim=-1).flatten(1)


def span_loss(spans: Spans, truth: Sequence[Tensor]) -> Tensor:
    """Focal loss × 5 + L1 × 1 + saliency NCE × 0.05; truth: one (N, 2) tensor of fractions per video, N ≥ 1.

    A point is positive where it lies inside a span, near its centre, and the farther end is within its level's reach.
    """
    labels, offsets = zip(*(_assign(spans, b, windows) for b, windows in enumerate(truth)), strict=True)
    positive, target = torch.stack(labels), torch.stack(offsets)
    count = positive.sum().clamp(min=1)
    cross = binary_cross_entropy_with_logits(spans.logits, positive.to(spans.logits), reduction="none")
    weight = torch.where(positive, ALPHA, 1 - ALPHA) * (1 - (-cross).exp()) ** GAMMA
    focal = (weight * cross)[spans.mask].sum() / count
    coordinates = l1_loss(spans.offsets[positive], target[positive], reduction="sum") / (2 * count)
    return FOCAL * focal + L1 * coordinates + SALIENCY * _saliency_nce(spans, truth)


def _assign(spans: Spans, row: int, windows: Tensor) -> tuple[Tensor, Tensor]:
    """Which points (P,) answer for a window, and their offsets (P, 2) in strides; the shortest window wins."""
    ends = windows.to(spans.centres) * spans.frames[row].sum()
    left = spans.centres[:, None] - ends[None, :, 0]
    right = ends[None, :, 1] - spans.centres[:, None]
    strides = spans.strides[:, None]
    near = (left - right).abs() / 2 <= RADIUS * strides
    farther = torch.maximum(left, right) / strides
    low = torch.where(strides == spans.strides.min(), 0.0, 2.0)
    high = torch.where(strides == spans.strides.max(), math.inf, 4.0)
    fits = (left > 0) & (right > 0) & near & (farther >= low) & (farther <= high) & spans.mask[row][:, None]
    length = torch.where(fits, ends[:, 1] - ends[:, 0], math.inf)
    shortest = length.argmin(1)
    every = torch.arange(len(length), device=length.device)
    offsets = torch.stack([left, right], dim=-1)[every, shortest] / strides
    return fits.any(1), offsets


def _saliency_nce(spans: Spans, truth: Sequence[Tensor]) -> Tensor:
    """How much of each video's saliency, as softmax over its frames, lies outside the truth, as −log of the rest."""
    losses = []
    for row, windows in enumerate(truth):
        length = int(spans.frames[row].sum())
        saliency = spans.saliency[row, :length]
        ends = windows.to(saliency) * length
        centre = torch.arange(length, device=saliency.device) + 0.5
        inside = ((centre[:, None] >= ends[:, 0]) & (centre[:, None] <= ends[:, 1])).any(1)
        if inside.any():
            losses.append(saliency.logsumexp(0) - saliency[inside].logsumexp(0))
    return torch.stack(losses).mean() if losses else spans.saliency.sum() * 0


def decode(spans: Spans, durations: Sequence[float]) -> list[list[Moment]]:
    """Moments in seconds of each video, best first: at most 100, none overlapping a better one by tIoU > 0.75."""
    answers: list[list[Moment]] = []
    scores, fractions = spans.logits.detach().double().sigmoid().cpu(), spans.fractions().detach().double().cpu()
    for row, duration in enumerate(durations):
        real = spans.mask[row].cpu() & (fractions[row, :, 1] > fractions[row, :, 0])
        windows, confidence = (fractions[row, real] * duration).numpy(), scores[row, real].numpy()
        kept = nms(windows, confidence, NMS_TIOU)[:MAX_MOMENTS]
        answers.append([Moment(float(windows[i, 0]), float(windows[i, 1]), float(confidence[i])) for i in kept])
    return answers
