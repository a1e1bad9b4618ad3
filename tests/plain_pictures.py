"""Videos in memory that tests of selectors look at: pictures of plain colours at given times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.video.frame import Frame
from whenabouts.video.in_memory import InMemoryVideo

__all__ = ["ColourEncoder", "coloured"]

COLOURS = {"red": (250, 0, 0), "green": (0, 250, 0), "blue": (0, 0, 250), "grey": (120, 120, 120)}


class ColourEncoder:
    """Mean colours of pictures, and the colour that a text names; counts what it encodes."""

    name, size, dim, sha256 = "colours", 4, 3, "0" * 64

    def __init__(self) -> None:
        self.pictures = 0

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        self.pictures += len(images)
        return np.stack([image.mean(axis=(0, 1)) / 255 for image in images]).astype(np.float32)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        named = [next((rgb for name, rgb in COLOURS.items() if name in text), (0, 0, 0)) for text in texts]
        return np.array(named, np.float32) / 255


def coloured(colours: Sequence[str], times: Sequence[float], end: float) -> InMemoryVideo:
    """A video from 0 to `end` whose pictures have these colours and begin at these times."""
    pictures = [np.full((4, 4, 3), COLOURS[name], np.uint8) for name in colours]
    return InMemoryVideo([Frame(t, p) for t, p in zip(times, pictures, strict=True)], 0.0, end)
