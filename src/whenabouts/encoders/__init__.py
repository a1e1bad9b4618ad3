"""Encoders: frames and sentences -> vectors of one space.

**The score of a frame for a query is the dot product `images @ texts.T`**, higher is better, so any vector index can
serve it. The scale is each encoder's own and is documented there. `builtin` needs no torch and no download; `hub:`
names run CLIP-like models through transformers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import ModelError
from whenabouts.plugins import Registry

__all__ = ["DEFAULT_ENCODER", "ENCODERS", "ClipEncoder", "Encoder", "WordEncoder", "load_encoder", "weight_bytes"]


class Encoder(Protocol):
    """Images and texts as vectors of `dim` numbers; `size` is the side in pixels of the square images it expects."""

    name: str
    size: int

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def sha256(self) -> str:
        """Of the weights and everything else that shapes a vector."""
        ...

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Vectors (N, dim) of N images, each (size, size, 3) uint8 RGB."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (Q, dim) of Q sentences."""
        ...


@runtime_checkable
class WordEncoder(Encoder, Protocol):
    """An encoder that also has vectors of the single words of a sentence, before they are pooled."""

    def encode_words(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Per sentence one vector for each token, (T, D); D need not be `dim`."""
        ...


@runtime_checkable
class ClipEncoder(Protocol):
    """An encoder of motion: `pictures` of a clip, each a square of `size` pixels, become one vector."""

    name: str
    size: int
    pictures: int

    @property
    def sha256(self) -> str:
        """Of the weights."""
        ...

    def encode_clips(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors (N, D) of N clips (N, pictures, size, size, 3) uint8 RGB."""
        ...


ENCODERS: Registry[Callable[..., Encoder]] = Registry(
    "encoder",
    "whenabouts.encoders",
    {
        "builtin": "whenabouts.encoders.builtin:BuiltinEncoder",
        "clip": "whenabouts.encoders.hub:clip",
        "siglip2": "whenabouts.encoders.hub:siglip2",
    },
    error=ModelError,
)
DEFAULT_ENCODER = "builtin"
HUB = "hub:"


def load_encoder(name: str, *, device: str | None = None, **settings: Any) -> Encoder:
    """Make an encoder: a name of `ENCODERS`, or "hub:" with a local folder or a name on the Hugging Face hub.

    `device` is where it runs, as torch names it; None is a GPU where there is one and the encoder can use it. Other
    `settings` go to the encoder: `revision` for those of the hub. Raises ModelError, MissingExtra.
    """
    given = settings if device is None else settings | {"device": device}
    if name.startswith(HUB):
        from whenabouts.encoders.hub import HubEncoder

        return HubEncoder(name.removeprefix(HUB), **given)
    if name not in ENCODERS:
        raise ModelError(f"unknown encoder {name!r}; choose from: {', '.join(ENCODERS)}, {HUB}NAME_OR_FOLDER")
    return ENCODERS[name](**given)


def weight_bytes(encoder: Encoder) -> int:
    """Bytes of the weights that an encoder holds by now; 0 from one that does not tell."""
    held: int = getattr(encoder, "weight_bytes", 0)
    return held
