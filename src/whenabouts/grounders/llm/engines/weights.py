"""What identifies the weights of a model on this machine."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["unloadable", "weights_identity"]


def unloadable() -> tuple[type[Exception], ...]:
    """What loading a folder or a name on the hub raises where a file is missing, damaged or of another model."""
    from safetensors import SafetensorError

    return OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError


def weights_identity(model: str) -> str:
    """The sha256 of the weights in a folder; of a name on the hub the name alone is known."""
    files = sorted(Path(model).glob("*.safetensors")) if Path(model).is_dir() else []
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest() if files else model
