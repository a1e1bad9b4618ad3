"""Train the small head of VideoITG, on drawn features or on one's own.

    from whenabouts.training.frame_head import train_frame_head

    train_frame_head(Path("frames.pt"))  # a few minutes on a CPU; then --select videoitg:frames.pt

Nothing is published for a head so small: steps, batch and rate are ours; the loss, its weight of positive frames, the
cosine schedule and its warm-up are VideoITG's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch

from whenabouts.encoders import DEFAULT_ENCODER
from whenabouts.encoders.device import torch_device
from whenabouts.errors import InputError
from whenabouts.progress import Progress
from whenabouts.selection.candidates import FPS
from whenabouts.selection.videoitg.drawn import Drawn, FrameExample
from whenabouts.selection.videoitg.head import FrameHead, HeadConfig, cosines
from whenabouts.selection.videoitg.loss import frame_loss
from whenabouts.selection.videoitg.small import save_head

__all__ = ["train_frame_head"]

STEPS, BATCH, RATE = 600, 4, 3e-3
WARM_UP = 0.05  # of all steps, VideoITG's
DECAY = 1e-4
CLIP = 1.0  # of the gradient


def train_frame_head(
    path: Path,
    examples: Sequence[FrameExample] | None = None,
    *,
    steps: int = STEPS,
    batch: int = BATCH,
    rate: float = RATE,
    seed: int = 0,
    config: HeadConfig | None = None,
    encoder: str = DEFAULT_ENCODER,
    fps: float = FPS,
    device: str | None = None,
    progress: Progress | None = None,
) -> list[float]:
    """Write a head that `videoitg:PATH` selects with; returns the loss of every step.

    examples: features of one's own; None draws new ones from the seed for every step (`Drawn`)
    encoder, fps: kept in the file: whose vectors the head will be given, and how many a second

    Memory: one batch at a time. On one CPU the same arguments give the same head. Raises InputError, ModelError.
    """
    if steps < 1 or batch < 1 or not rate > 0 or not fps > 0 or (examples is not None and not examples):
        raise InputError("training a head needs examples, and at least one step, one video a step, a rate and an fps")
    drawn, place = Drawn(seed), torch_device(device)
    torch.manual_seed(seed)
    head = FrameHead(config).to(place)
    optimiser = torch.optim.AdamW(head.parameters(), lr=rate, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _factor(step / steps))
    losses = []
    for step in range(steps):
        numbers = range(step * batch, (step + 1) * batch)
        shown = [drawn.example(n) if examples is None else examples[n % len(examples)] for n in numbers]
        logits = [
            head(cosines(torch.from_numpy(e.vectors).to(place)), torch.from_numpy(e.fits).to(place)) for e in shown
        ]
        loss = frame_loss(logits, [torch.from_numpy(e.labels).to(place) for e in shown])
        if not math.isfinite(value := float(loss.detach())):
            raise InputError(f"the loss of step {step + 1} is not a finite number; look for NaN in the examples")
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(head.parameters(), CLIP)
        optimiser.step()
        schedule.step()
        losses.append(value)
        if progress:
            progress("training", (step + 1) / steps)
    facts = {"encoder": encoder, "fps": fps, "steps": steps, "seed": seed, "data": "own" if examples else "drawn"}
    save_head(head, path, facts)
    return losses


def _factor(done: float) -> float:
    """Of the rate after a share of the run: a cosine, with a straight warm-up."""
    return min(1.0, (done + 1e-3) / WARM_UP) * (1 + math.cos(math.pi * done)) / 2
