"""Encoders: frames and sentences -> vectors of one space.

**The score of a frame for a query is the dot product `images @ texts.T`**, higher is better, so any vector index can
serve it. The scale is each encoder's own and is documented there. `builtin` needs no torch and no download; `hub:`
names run CLIP-like models through transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import ModelError

__all__ = ["ENCODERS", "Encoder", "load_encoder"]


class Encoder(Protocol):
    """Images and texts as vectors of `dim` numbers; `size` is the side in pixels of the square images it expects."""

    name: str
    sha256: str
    size: int
    dim: int

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Vectors (N, dim) of N images, each (size, size, 3) uint8 RGB."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (Q, dim) of Q sentences."""
        ...


ENCODERS: dict[str, str] = {
    "builtin": "whenabouts.encoders.builtin:BuiltinEncoder",
}


def load_encoder(name: str, **settings: Any) -> Encoder:
    """Make an encoder by name. Raises ModelError on an unknown name or a damaged model, MissingExtra."""
    if name not in ENCODERS:
        known = ", ".join(sorted(ENCODERS))
        raise ModelError(f"there is no encoder named {name!r}; choose one of: {known}")
    module, _, attribute = ENCODERS[name].partition(":")
    encoder: Encoder = getattr(import_module(module), attribute)(**settings)
    return encoder
