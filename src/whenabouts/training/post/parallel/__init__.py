"""Settings of accelerate for training on several GPUs, a file each; the first line of a file says what it is for.

ddp     every GPU holds the whole model
zero2   gradients and the optimiser are shared (DeepSpeed)
zero3   the weights too (DeepSpeed)
fsdp    the same with PyTorch alone
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.errors import InputError

__all__ = ["WAYS", "settings_of"]

WAYS = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.yaml"))}


def settings_of(way: str) -> Path:
    """The file for `accelerate launch --config_file`. Raises InputError for an unknown way."""
    if way not in WAYS:
        raise InputError(f"unknown way to share a training {way!r}; choose one of: {', '.join(WAYS)}")
    return WAYS[way]
