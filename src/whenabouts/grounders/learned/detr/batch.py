"""Examples as the padded tensors that models of this family take, and targets as their losses take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.grounders.learned.batching import padded, row_ends, valid_rows
from whenabouts.grounders.learned.detr.criterion import DETRTargets

__all__ = ["Batch", "collate", "detr_targets", "padded_rows", "pairs"]

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
    examples: Sequence[FeatureExample],
    words: int | None,
    *,
    ends: bool = True,
    sound_ends: bool = False,
    pinned: bool = False,
) -> Batch:
    """Pad to the longest; queries are cut after `words` words.

    ends: whether clips have their two ends; with `sound_ends` they follow the sound too
    """
    clips = [_clips(e, ends, sound_ends) for e in examples]
    texts = [e.text[:words] for e in examples]
    sides: list[Tensor] = []
    for items in (clips, [[text] for text in texts]):
        table = padded(items, pinned=pinned)
        sides += [table, valid_rows([len(item[0]) for item in items], table.shape[1]).float()]
    return Batch(*sides)


def _clips(example: FeatureExample, ends: bool, sound_ends: bool) -> list[Float]:
    """Pictures, where each row starts and ends as shares of the video, and sound, which stand side by side."""
    places = [row_ends(len(example.video))] if ends else []
    heard = [] if example.sound is None else [example.sound, *(places if sound_ends else [])]
    return [example.video, *places, *heard]


def detr_targets(examples: Sequence[FeatureExample], rng: np.random.Generator) -> DETRTargets:
    """Spans, two pairs of clips, and ratings; of more than five windows five are drawn, as officially."""
    windows = [
        e.windows if len(e.windows) <= MOST_WINDOWS else rng.permutation(e.windows)[:MOST_WINDOWS] for e in examples
    ]
    chosen = [pairs(e, rng) for e in examples]
    counts = [len(each) for each in windows]
    ends = np.clip(np.concatenate(windows) / np.repeat([e.duration for e in examples], counts)[:, None], 0, 1)
    spans = np.stack([ends.mean(1), ends[:, 1] - ends[:, 0]], 1).astype(np.float32)
    positive, negative = (torch.from_numpy(side.copy()) for side in np.array(chosen).transpose(1, 0, 2))
    return DETRTargets(
        torch.split(torch.from_numpy(spans), counts), positive, negative, padded_rows([e.ratings() for e in examples])
    )


def padded_rows(rows: Sequence[NDArray[np.generic]]) -> Tensor:
    """A number of every row of every item, 0 behind an item's end: (B, L) float32."""
    table = np.zeros((len(rows), max(map(len, rows))), np.float32)
    for line, values in zip(table, rows, strict=True):
        line[: len(values)] = values
    return torch.from_numpy(table)


def pairs(example: FeatureExample, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Two positive rows, which should score higher, and two negative ones.

    With ratings the best and the worst rated row of the moments are one pair and a row from inside and one from outside
    the other; without, two from the first moment and two from outside.
    """
    if not len(example.windows):  # nothing stands out: a row against itself teaches nothing
        return [0, 0], [0, 0]
    inside, centres = example.inside(), example.centres()
    if not inside.any():  # shorter than a row
        inside = np.zeros_like(inside)
        inside[np.abs(centres - example.windows[0].mean()).argmin()] = True
    within, outside = np.flatnonzero(inside), np.flatnonzero(~inside)
    outside = outside if len(outside) else np.arange(len(inside))
    if example.example.saliency is None:
        first = within[centres[within] < max(example.windows[0, 1], centres[within[0]] + 1e-6)]
        return _drawn(first, 2, rng), _drawn(outside, 2, rng)
    rated = example.ratings()[within]
    hard = within[np.argmax(rated)], within[np.argmin(rated)]
    return [int(hard[0]), *_drawn(within, 1, rng)], [int(hard[1]), *_drawn(outside, 1, rng)]


def _drawn(rows: NDArray[np.int64], count: int, rng: np.random.Generator) -> list[int]:
    found: list[int] = rows[rng.integers(0, len(rows), count)].tolist()
    return found
