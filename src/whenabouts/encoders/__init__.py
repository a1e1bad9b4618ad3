"""Encoders: frames and sentences -> vectors in one space.

**The score of a frame for a query is the dot product `images @ texts.T`**, higher is better, so any vector index can
serve it. Each encoder has its own scale, which its docstring describes. `builtin` needs no torch and no download;
`hub:` names run CLIP-like models through transformers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import ModelError
from whenabouts.plugins import Registry

__all__ = [
    "DEFAULT_ENCODER",
    "ENCODERS",
    "ClipEncoder",
    "Encoder",
    "SoundEncoder",
    "WordEncoder",
    "load_encoder",
    "precision",
    "weight_bytes",
]


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
        """SHA-256 of the weights and of everything else that affects the vectors."""
        ...

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Vectors (N, dim) of N images, each (size, size, 3) uint8 RGB."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (Q, dim) of Q sentences."""
        ...


@runtime_checkable
class WordEncoder(Protocol):
    """An encoder that gives the vectors of single tokens, as they are before they are pooled."""

    name: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the weights."""
        ...

    def encode_words(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """For each sentence the vectors of its tokens, (T, D); D may differ from `dim`."""
        ...


@runtime_checkable
class ClipEncoder(Protocol):
    """An encoder of motion: `pictures` frames of a clip, each a square of `size` pixels, become one vector."""

    name: str
    size: int
    pictures: int

    @property
    def sha256(self) -> str:
        """SHA-256 of the weights."""
        ...

    def encode_clips(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors (N, D) of N clips (N, pictures, size, size, 3) uint8 RGB."""
        ...


@runtime_checkable
class SoundEncoder(Protocol):
    """An encoder of clips of sound: `rate` samples a second, from `least` to `most` in all, None for any number."""

    name: str
    rate: int
    least: int
    most: int | None

    @property
    def sha256(self) -> str:
        """SHA-256 of the weights."""
        ...

    def encode_sound(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors (N, A) of N clips (N, samples), mono, in [-1, 1]."""
        ...


ENCODERS: Registry[Callable[..., Encoder]] = Registry(
    "encoder",
    "whenabouts.encoders",
    {
        "builtin": "whenabouts.encoders.builtin:BuiltinEncoder",
        "clip": "whenabouts.encoders.hub:clip",
        "siglip2": "whenabouts.encoders.hub:siglip2",
    },
    fits=callable,
    error=ModelError,
)
DEFAULT_ENCODER = "builtin"
HUB = "hub:"
CROPPED, SQUEEZED = "@crop", "@squeeze"


def load_encoder(name: str, *, device: str | None = None, **settings: Any) -> Encoder:
    """Create an encoder by name: one of `ENCODERS`, or "hub:" with a local folder or a name on the Hugging Face hub.

    With "@crop" behind its name an encoder sees the middle square of each picture, as the published features of videos
    were made (`CentreCrop`); else, or with "@squeeze", the whole picture, squeezed, whose edges it sees too.

    device:   torch's name of the device; by default a GPU if one is available and the encoder can use it
    settings: passed to the encoder, such as `revision` for models of the hub

    Raises ModelError, MissingExtra.
    """
    given = settings if device is None else settings | {"device": device}
    encoder = _squeezing(name.removesuffix(CROPPED).removesuffix(SQUEEZED), given)
    if name.endswith(CROPPED):
        from whenabouts.video.frame import CentreCrop

        encoder.name, encoder.size = encoder.name + CROPPED, CentreCrop(encoder.size)
    return encoder


def _squeezing(name: str, settings: dict[str, Any]) -> Encoder:
    if name.startswith(HUB):
        from whenabouts.encoders.hub import HubEncoder

        return HubEncoder(name.removeprefix(HUB), **settings)
    if name not in ENCODERS:
        raise ModelError(f"unknown encoder {name!r}; choose from: {', '.join(ENCODERS)}, {HUB}NAME_OR_FOLDER")
    return ENCODERS[name](**settings)


def precision(encoder: object) -> str:
    """What the vectors of frames are computed in, as torch names it: "float32" where an encoder does not say."""
    name: str = getattr(encoder, "precision", "float32")
    return name


def weight_bytes(encoder: Encoder) -> int:
    """Bytes of the weights that an encoder has loaded so far; 0 if it does not report them."""
    size: int = getattr(encoder, "weight_bytes", 0)
    return size
