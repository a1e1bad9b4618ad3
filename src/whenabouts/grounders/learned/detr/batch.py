"""Examples as the padded tensors that models of this family take, and targets as their losses take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.grounders.learned.detr.criterion import DETRTargets

__all__ = ["Batch", "collate", "detr_targets", "pairs"]

MOST_WINDOWS = 5


class Batch(NamedTuple):
    """Clips (B, L, D) and words (B, T, D') with masks (B, L) and (B, T), 1 where valid.

    A clip is [pictures, its two ends, sound], as officially.
    """

    video: Tensor
    video_mask: Tensor
    text: Tensor
    text_mask: Tensor


def collate(
    examples: Sequence[FeatureExample], words: int | None, device: torch.device, *, sound_ends: bool = False
) -> Batch:
    """Pad to the longest; queries are cut after `words` words. With `sound_ends` the ends follow the sound too."""
    video, video_mask = _padded([_clips(e, sound_ends) for e in examples])
    text, text_mask = _padded([e.text[:words] for e in examples])
    return Batch(*(tensor.to(device) for tensor in (video, video_mask, text, text_mask)))


def _clips(example: FeatureExample, sound_ends: bool) -> Float:
    """Pictures, where each row starts and ends as shares of the video, and sound: (L, D + 2 + A)."""
    count = len(example.video)
    ends = np.stack([np.arange(count) / count, np.arange(1, count + 1) / count], axis=1).astype(np.float32)
    heard = [] if example.sound is None else [example.sound, *([ends] if sound_ends else [])]
    return np.concatenate([example.video, ends, *heard], axis=1)


def _padded(rows: Sequence[Float]) -> tuple[Tensor, Tensor]:
    tensors = [torch.from_numpy(np.ascontiguousarray(r)) for r in rows]
    ones = [torch.ones(len(r)) for r in rows]
    return pad_sequence(tensors, batch_first=True), pad_sequence(ones, batch_first=True)


def detr_targets(examples: Sequence[FeatureExample], rng: np.random.Generator, device: torch.device) -> DETRTargets:
    """Spans, two pairs of clips, and ratings; of more than five windows five are drawn, as officially."""
    spans = []
    for e in examples:
        windows = e.windows if len(e.windows) <= MOST_WINDOWS else rng.permutation(e.windows)[:MOST_WINDOWS]
        ends = np.clip(windows / e.duration, 0, 1)
        spans.append(torch.tensor(np.stack([ends.mean(1), ends[:, 1] - ends[:, 0]], 1), dtype=torch.float32))
    chosen = np.array([pairs(e, rng) for e in examples])
    positive, negative = (torch.from_numpy(chosen[:, side]).to(device) for side in (0, 1))
    ratings = pad_sequence([torch.from_numpy(e.ratings()) for e in examples], batch_first=True)
    return DETRTargets(tuple(s.to(device) for s in spans), positive, negative, ratings.to(device))


def pairs(example: FeatureExample, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Two positive rows, which should score higher, and two negative ones.

    With ratings the best and the worst rated row of the moments are one pair and a row from inside and one from outside
    the other; without, two from the first moment and two from outside.
    """
    rows = np.arange(len(example.video))
    if not len(example.windows):  # nothing stands out: a row against itself teaches nothing
        return [0, 0], [0, 0]
    inside = example.inside()
    if not inside.any():  # shorter than a row
        inside[np.abs(example.centres() - example.windows[0].mean()).argmin()] = True
    outside = rows[~inside] if (~inside).any() else rows
    if example.example.saliency is None:
        first = rows[inside & (example.centres() < max(example.windows[0, 1], example.centres()[inside][0] + 1e-6))]
        return [int(r) for r in rng.choice(first, 2)], [int(r) for r in rng.choice(outside, 2)]
    rated, within = example.ratings(), rows[inside]
    hard = within[np.argmax(rated[within])], within[np.argmin(rated[within])]
    return [int(hard[0]), int(rng.choice(within))], [int(hard[1]), int(rng.choice(outside))]
