"""Padded batches of clips and words with targets, drawn by seed, for heads over both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from drawn import normal

from whenabouts.grounders.learned.detr.batch import Batch
from whenabouts.grounders.learned.detr.criterion import DETRTargets

__all__ = ["batch_alone", "drawn_batch", "drawn_targets"]


def drawn_batch(config: Any, rows: Sequence[int], words: Sequence[int], seed: int) -> Batch:
    """Videos of so many rows and queries of so many words, as wide as the configuration of a head says."""
    sides = []
    for name, lengths, width in (
        ("video", rows, config.video_dim + config.audio_dim),
        ("text", words, config.text_dim),
    ):
        mask = torch.tensor([[float(i < n) for i in range(max(lengths))] for n in lengths])
        values = normal(name, seed, (*mask.shape, width)).astype(np.float32)
        sides += [torch.from_numpy(values) * mask[..., None], mask]
    return Batch(*sides)


def drawn_targets(batch: Batch, seed: int) -> DETRTargets:
    """Two spans, two pairs of clips and ratings of every item."""
    rng = np.random.RandomState(seed)
    count, longest = batch.video_mask.shape
    spans = tuple(
        torch.from_numpy(np.stack([rng.uniform(0.2, 0.8, 2), rng.uniform(0.05, 0.4, 2)], 1).astype(np.float32))
        for _ in range(count)
    )
    chosen = torch.from_numpy(rng.randint(0, int(batch.video_mask.sum(1).min()), (2, count, 2)))
    ratings = torch.from_numpy(rng.randint(-9, 13, (count, longest)).clip(0).astype(np.float32))
    return DETRTargets(spans, chosen[0], chosen[1], ratings * batch.video_mask)


def batch_alone(batch: Batch, item: int) -> Batch:
    """One item of a batch, without padding."""
    rows, words = (int(mask[item].sum()) for mask in (batch.video_mask, batch.text_mask))
    video, video_mask, text, text_mask = (side[item : item + 1] for side in batch)
    return Batch(video[:, :rows], video_mask[:, :rows], text[:, :words], text_mask[:, :words])
