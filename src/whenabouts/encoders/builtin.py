"""The embedded encoder: works offline, without torch, a few seconds after `pip install`.

An ImageNet classifier (EfficientNet-Lite0) says what a frame shows, as probabilities of 1,000 classes; a sentence model (MiniLM)
says which of those classes a query speaks of. Both become vectors over the classes, and their dot product is the score.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.minilm import SentenceEncoder

__all__ = ["BuiltinEncoder"]

BATCH = 8  # frames; larger batches are slower on a CPU's caches


class BuiltinEncoder:
    """EfficientNet-Lite0 posteriors against MiniLM similarities; the weights load when first used."""

    name = "builtin"
    size = 224
    dim = 1000

    def __init__(self) -> None:
        self._sentences = SentenceEncoder()

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Square roots of class probabilities, (N, 1000): a few sure classes do not drown the rest."""
        parts = [self._logits(np.stack(images[i : i + BATCH])) for i in range(0, len(images), BATCH)]
        logits = np.concatenate([np.zeros((0, self.dim), dtype=np.float32), *parts])
        powers = np.exp((logits - logits.max(axis=1, keepdims=True)) / 2)
        vectors: NDArray[np.float32] = powers / np.linalg.norm(powers, axis=1, keepdims=True)
        return vectors

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Weights of the classes, (Q, 1000), of zero mean: a class as near as any other says nothing."""
        likeness = self._sentences.encode(texts) @ self._classes.T
        weights = np.exp(likeness / 0.1)
        weights -= weights.mean(axis=1, keepdims=True)
        vectors: NDArray[np.float32] = weights / np.linalg.norm(weights, axis=1, keepdims=True)
        return vectors

    @cached_property
    def sha256(self) -> str:
        """Of everything that shapes a frame's vector."""
        return hashlib.sha256(_weights("efficientnet-lite0.onnx")).hexdigest()

    def _logits(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        logits: NDArray[np.float32] = self._session.run(["logits"], {"images": batch})[0]
        return logits

    @cached_property
    def _session(self) -> Any:
        from whenabouts.encoders.session import onnx_session

        return onnx_session(_weights("efficientnet-lite0.onnx"))

    @cached_property
    def _classes(self) -> NDArray[np.float32]:
        path = files("whenabouts.encoders").joinpath("weights/imagenet-classes.npz")
        with path.open("rb") as stream, np.load(stream) as stored:
            vectors: NDArray[np.float32] = stored["vectors"].astype(np.float32)
        return vectors


def _weights(name: str) -> bytes:
    return files("whenabouts.encoders").joinpath("weights", name).read_bytes()
