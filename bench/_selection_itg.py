"""The small head of VideoITG for bench/selection.py, trained on drawn features: no scene of any video plays a part.

Plain look-alikes that are passed over explain most of what it gains: see `mmr` beside it.
"""

from __future__ import annotations

from pathlib import Path

from _size import Size

from whenabouts.training.frame_head import train_frame_head

__all__ = ["trained"]


def trained(folder: Path, size: Size, seed: int = 0) -> str:
    """The name under which `load_selector` finds a head that was trained in `folder`."""
    path = folder / f"videoitg-{seed}.pt"
    train_frame_head(path, steps=size.pick(600, 300, 2), seed=seed)
    return f"videoitg:{path}"
