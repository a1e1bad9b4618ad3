"""The built-in encoder: works offline and without torch, straight after `pip install`.

An ImageNet classifier (EfficientNet-Lite0, arXiv 1905.11946) recognises what a frame shows; a sentence model (MiniLM)
estimates which of these classes a query mentions. A vector has 1,436 dimensions: 1,000 classes; 391 WordNet hypernyms
("dog", "vehicle"), whose probability is the sum over their classes; 34 scenes that are not ImageNet classes ("a
person", "a kitchen"), computed likewise; and the shares of eleven colours, which match colour words.

The vector of a frame holds square roots of probabilities, so its scale needs no tuning: 1 is certainty. The vector of a
text is a softmax over its similarities to all names, normalised to zero mean and unit length. So a score of 0 means
that the frame has nothing to do with the query, and a score near 1 that it certainly shows exactly this. Scores can be
compared between frames, but hardly between queries.

Ablation, on 110 queries over 98 photographs and video frames (recall at 1, mean average precision, mean rank of the
first right frame): classes alone 0.42, 0.50, 8.8; with hypernyms 0.47, 0.54, 7.9; with scenes too 0.53, 0.59, 6.0; with
colours too 0.54, 0.59, 5.1. These did not help: raw logits, ridge regression from names to classes, matching the words
of the query or their synonyms one by one, mirrored frames, and a face detector, which found faces well but lowered the
scores for "a drummer playing the drums" wherever the face is outside the frame. Lite1 and Lite2 were not significantly
better and are 1.5 and 2 times slower. A squeezed frame is as good as a centre crop and keeps the edges. Weights are
stored as float16: half the size of float32, with logits that differ by less than 0.03.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.colours import COLOURS, colour_shares, colours_named
from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.encoders.session import onnx_session
from whenabouts.encoders.shipped import SHIPPED

__all__ = ["BuiltinEncoder"]

NETWORK, WORDS = "efficientnet-lite0.onnx", "imagenet-classes.npz"
VERSION = "1"  # increased when the same weights give different vectors
BATCH = 8  # frames; a larger batch does not fit into the caches of a CPU
CLASSES = 1000
TEMPERATURE = 0.08  # of the softmax over cosine similarities
HYPERNYM_WEIGHT, SCENE_WEIGHT, COLOUR_WEIGHT = 0.3, 0.3, 0.2  # relative to classes


class Words(NamedTuple):
    """The vocabulary of the encoder, made by `scripts/export_classes.py`; G is the number of groups of classes.

    anchors: (1000 + G, 384) unit vectors of the names of classes and groups
    generic: (384,) mean vector of sentences that name nothing in particular
    members: the classes of all groups, concatenated; group g begins at `starts[g]`
    weights: (1000 + G,) of classes, hypernyms and scenes
    """

    anchors: NDArray[np.float32]
    generic: NDArray[np.float32]
    members: NDArray[np.intp]
    starts: NDArray[np.intp]
    weights: NDArray[np.float32]


class BuiltinEncoder:
    """Class probabilities of frames, and similarities of texts to class names; networks are loaded on first use.

    It runs on the CPU, and `device` is ignored: its networks are made for CPUs, and decoding takes longer than they do.
    """

    name = "builtin"
    size = 224
    frame_seconds = 0.01  # of a processor for one frame; rough, and of one core

    def __init__(self, *, device: str | None = None) -> None:
        self._sentences = SentenceEncoder()
        self._encoded: tuple[tuple[str, ...], NDArray[np.float32]] | None = None

    @property
    def dim(self) -> int:
        """Number of classes, groups and colours."""
        return len(self._words.anchors) + len(COLOURS)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the networks, the vocabulary and the version of the code that combines them."""
        stored = [bytes.fromhex(SHIPPED.sha256[name]) for name in (NETWORK, WORDS)]
        others = [hashlib.sha256(part.encode()).digest() for part in (self._sentences.sha256, VERSION)]
        return hashlib.sha256(b"".join([*stored, *others])).hexdigest()

    @property
    def weight_bytes(self) -> int:
        """Bytes of the networks and the vocabulary loaded so far."""
        words = sum(array.nbytes for array in self._words) if "_words" in self.__dict__ else 0
        network = (SHIPPED.folder / NETWORK).stat().st_size if "_session" in self.__dict__ else 0
        return words + network + self._sentences.weight_bytes

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Square roots of the probabilities of classes and groups and of the shares of colours: (N, 1436) float32."""
        batches = [np.stack(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
        vectors = [np.zeros((0, self.dim), dtype=np.float32), *(self._frames(batch) for batch in batches)]
        return np.concatenate(vectors)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """How strongly each text mentions each class, group and colour: (Q, 1436) float32."""
        words = self._words
        similarity = _unit(self._sentence_vectors(texts) - words.generic) @ words.anchors.T
        share = np.exp((similarity - 1) / TEMPERATURE)
        named = _unit(share - share.mean(axis=1, keepdims=True)) * words.weights
        colours = (
            np.stack([COLOUR_WEIGHT * colours_named(text) for text in texts]) if texts else np.zeros((0, len(COLOURS)))
        )
        return np.concatenate([named, colours], axis=1, dtype=np.float32)

    def meanings(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What each text means beside what any text does, as unit vectors of the sentence model: (Q, 384) float32."""
        return _unit(self._sentence_vectors(texts) - self._words.generic)

    def described(self, frames: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Vectors of frames (N, 1436) among the meanings: the names of their classes, each by its probability.

        Unit vectors (N, 384) float32, a convex combination as in ConSE (arXiv:1312.5650).
        """
        names = self._words.anchors[:CLASSES]
        return _unit((frames[:, :CLASSES].astype(np.float32) ** 2) @ names)

    def familiarity(self, meanings: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of each meaning (Q, 384) with the nearest name of a class, (Q,): whether the network knows it."""
        nearest: NDArray[np.float32] = (meanings @ self._words.anchors[:CLASSES].T).max(axis=1)
        return nearest

    def encode_words(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Hidden states of the sentence model for the tokens of each text, (T, 384)."""
        return self._sentences.encode_words(texts)

    def _sentence_vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Of the sentence model, (Q, 384); those of the last texts, of which `meanings` too is asked, are at hand."""
        encoded = self._encoded
        if encoded is None or encoded[0] != tuple(texts):
            encoded = self._encoded = tuple(texts), self._sentences.encode(texts)
        return encoded[1]

    def _frames(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        [logits] = self._session.run(["logits"], {"images": batch})
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        classes = odds / odds.sum(axis=1, keepdims=True)
        # Not a matrix product: BLAS threads keep spinning after one, which halves the speed of the network.
        groups = np.add.reduceat(classes[:, self._words.members], self._words.starts, axis=1)
        parts = [classes, np.minimum(groups, 1), colour_shares(batch)]
        vectors: NDArray[np.float32] = np.sqrt(np.concatenate(parts, axis=1))
        return vectors

    @cached_property
    def _session(self) -> Any:
        return onnx_session(SHIPPED.file(NETWORK))

    @cached_property
    def _words(self) -> Words:
        with SHIPPED.file(WORDS).open("rb") as stream, np.load(stream) as stored:
            anchors, generic, scenes = stored["anchors"].astype(np.float32), stored["generic"], int(stored["scenes"])
            members, sizes = stored["members"].astype(np.intp), stored["sizes"].astype(np.intp)
        weight = np.array([1, HYPERNYM_WEIGHT, SCENE_WEIGHT], np.float32)
        weights = np.repeat(weight, [CLASSES, len(sizes) - scenes, scenes])
        return Words(anchors, generic, members, np.cumsum(sizes) - sizes, weights)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return scaled
