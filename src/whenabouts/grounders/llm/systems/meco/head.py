"""MeCo (arXiv:2503.09027): no times in words; structural tokens of the answer are matched with frames.

The answer holds `<ent>` for every event and `<tst>` for the background between events. Names in the state dict that are
the official ones (pangzss/MeCo): `frm_head`, `vid_head`, `logit_scale`. The inside of the two heads is ours: officially
`frm_head` is one more decoder layer, started from the language model's last one, or an MLP; any module from (B, T, D)
to (B, T, D) may be given. Frames come from the last hidden states, structural tokens from the last but one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from whenabouts.moment import Moment, nms

__all__ = ["EVENT", "TRANSITION", "StructuralMatcher", "decode", "matching_loss"]

EVENT, TRANSITION = "<ent>", "<tst>"
MIN_SIMILARITY = 0.7  # of the rescaled similarity
NMS_TIOU = 0.7  # tIoU above which the weaker window goes


class StructuralMatcher(nn.Module):
    """Similarity of structural tokens and frames, one frame per second."""

    def __init__(self, width: int, *, frm_head: nn.Module | None = None) -> None:
        super().__init__()
        self.frm_head = frm_head or _mlp(width)
        self.vid_head = _mlp(width)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))  # as CLIP starts

    def forward(self, frames: Tensor, tokens: Tensor) -> Tensor:
        """Frames (B, T, D) and structural tokens (B, K, D) -> logits (B, K, T): cosine × exp(logit_scale)."""
        frames = normalize(self.frm_head(frames), dim=-1)
        tokens = normalize(self.vid_head(tokens), dim=-1)
        logits: Tensor = tokens @ frames.transpose(1, 2) * self.logit_scale.exp()
        return logits


def _mlp(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))


def matching_loss(logits: Tensor, inside: Tensor, events: Tensor) -> Tensor:
    """Soft cross-entropy over frames, uniform inside the segment of each token: mean of `<ent>` and of `<tst>`, halved.

    logits: (K, T) of one answer        inside: (K, T) bool, frames of the token's segment, at least one each
    events: (K,) bool, True for `<ent>` and False for `<tst>`. Where only one kind is present, its mean is the loss.
    """
    target = inside.to(logits.dtype)
    each = -(target / target.sum(-1, keepdim=True) * logits.log_softmax(-1)).sum(-1)
    return torch.stack([each[kind].mean() for kind in (events, ~events) if kind.any()]).mean()


def decode(
    logits: Tensor, kinds: Sequence[str], duration: float, *, dataset: Literal["charades"] | None = None
) -> list[Moment]:
    """Moments of the `<ent>` tokens of one answer, best first; logits (K, T), kinds of length K, duration in seconds.

    A run of kept frames i..j is the window [i, j] seconds, a single frame [i, i + 1]; its score is the largest
    softmax over frames inside it. For Charades a frame must also lie within one frame of where the token's softmax is
    at least that of every other structural token. Nothing kept gives [0, duration] with score 0.
    """
    if len(kinds) != len(logits):
        raise ValueError(f"{len(logits)} rows of logits but {len(kinds)} structural tokens; give one kind per row")
    similarity = logits.detach().double().cpu()
    weights: NDArray[np.float64] = similarity.softmax(-1).numpy()
    windows: list[tuple[int, int]] = []
    scores: list[float] = []
    for row, kind in enumerate(kinds):
        if kind != EVENT:
            continue
        kept = _rescaled(similarity[row].numpy()) > MIN_SIMILARITY
        if dataset == "charades":
            kept &= _dilated(weights[row] >= weights.max(0))
        for first, last in _runs(kept):
            windows.append((first, max(last, first + 1)))
            scores.append(float(weights[row, first : last + 1].max()))
    if not windows:
        return [Moment(0.0, duration, 0.0)]
    best = nms(np.asarray(windows, dtype=float), scores, NMS_TIOU)
    return [Moment(float(windows[i][0]), float(windows[i][1]), scores[i]) for i in best]


def _rescaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _dilated(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    wider = mask.copy()
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    return wider


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [(int(first), int(after) - 1) for first, after in edges.reshape(-1, 2)]
