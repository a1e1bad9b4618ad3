"""What judges frames for T*: how sure it is that a frame shows each of some things.

The official detectors are YOLO-World and OWL-ViT (`owl`). Without either the embedded encoder judges by likeness; its
confidence is the probability that `evidence.presence` was calibrated to, and for an encoder without calibration how far
the frame's score lies above the mean of generic queries, on the way to the best of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.evidence.likeness import Likeness
from whenabouts.evidence.presence import CALIBRATION

__all__ = ["Detector", "LikenessDetector"]

REMEMBERED = 4096  # pictures: more than an hour has at one a second; 24 MB for the embedded encoder


class Detector(Protocol):
    """Judges pictures of `size` × `size` pixels; `sha256` identifies its weights."""

    name: str
    size: int

    @property
    def sha256(self) -> str:
        """SHA-256 of the weights."""
        ...

    def confidences(self, images: Sequence[NDArray[np.uint8]], words: Sequence[str]) -> NDArray[np.float32]:
        """How sure it is that each image (size, size, 3) shows each of the words, (N, W) in [0, 1]; 0 is not at all."""
        ...


class LikenessDetector:
    """An encoder of frames and sentences as a detector; pictures seen lately are not encoded again."""

    def __init__(self, encoder: Encoder, *, cache: bool = True) -> None:
        self.encoder, self.name, self.size, self.cache = encoder, encoder.name, encoder.size, cache
        self._known: dict[bytes, NDArray[np.float32]] = {}
        self._bank: Likeness | None = None

    @property
    def sha256(self) -> str:
        """The encoder's."""
        return self.encoder.sha256

    def confidences(self, images: Sequence[NDArray[np.uint8]], words: Sequence[str]) -> NDArray[np.float32]:
        """As of `Detector`."""
        texts, vectors = self.encoder.encode_texts(list(words)), self._vectors(images)
        bank = self._bank = self._bank or Likeness.of(self.encoder, cache=self.cache)
        if calibration := CALIBRATION.get(self.encoder.name):
            heights = bank.curves(texts, vectors).T
            sure: NDArray[np.float32] = np.vectorize(calibration.probability, otypes=[np.float32])(heights)
            return sure
        generic = vectors @ bank.seen.T
        low, high = generic.mean(axis=1, keepdims=True), generic.max(axis=1, keepdims=True)
        share: NDArray[np.float32] = np.clip((vectors @ texts.T - low) / np.maximum(high - low, 1e-6), 0, 1)
        return share

    def _vectors(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        keys = [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in images]
        new = {key: image for key, image in zip(keys, images, strict=True) if key not in self._known}
        known = dict(self._known)
        if new:
            known |= zip(new, self.encoder.encode_images(list(new.values())), strict=True)
            self._known = dict(list(known.items())[-REMEMBERED:])
        return np.stack([known[key] for key in keys])
