"""The embedded encoder: works offline and without torch, straight after `pip install`.

An ImageNet classifier (EfficientNet-Lite0, arXiv 1905.11946) says what a frame shows; a sentence model (MiniLM) says
which of those things a query speaks of. A vector has 1,436 dimensions: 1,000 classes; 391 WordNet hypernyms ("dog",
"vehicle"), whose probability is the sum over their classes; 34 scenes without a class of their own ("a person", "a
kitchen"), likewise; and the shares of eleven colours, which answer to colour words.

A frame's vector holds square roots of probabilities, so its scale needs no tuning: 1 is certainty. A text's vector
holds a softmax over the likeness to all names, of zero mean and unit length. So 0 says that a frame has nothing of
the query, and values near 1 that it surely shows just the thing; a score is comparable between frames, hardly between
queries.

What helped, on 110 queries over 98 photographs and video frames (recall at 1, mean average precision, mean rank of the
first right frame): classes alone 0.42, 0.50, 8.8; with hypernyms 0.47, 0.54, 7.9; and scenes 0.53, 0.59, 6.0; and
colours 0.54, 0.59, 5.1. No help: raw logits, ridge regression from names to classes, matching words of the query one
by one, synonyms one by one, mirrored frames; a face detector, which found faces well but led away from "a drummer
playing the drums" wherever the face is out of the picture. Lite1 and Lite2 did not score better beyond chance and are
1.5 and 2 times slower; a squeezed frame is as good as a centre crop and hides nothing at the edges. Weights are stored
as float16: half the size of float32 with logits within 0.03 of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.colours import COLOURS, colour_shares, colours_named
from whenabouts.encoders.minilm import SentenceEncoder

__all__ = ["BuiltinEncoder"]

NETWORK, WORDS = "efficientnet-lite0.onnx", "imagenet-classes.npz"
RECIPE = "1"  # raised when the same weights give other vectors
BATCH = 8  # frames; more of them fall out of a CPU's caches
CLASSES = 1000
TEMPERATURE = 0.08  # of the softmax over likeness, a cosine
HYPERNYM, SCENE, COLOUR = 0.3, 0.3, 0.2  # weights beside a class's 1


class Words(NamedTuple):
    """What the encoder knows of words; made by `scripts/export_classes.py`.

    `anchors` (1000 + G, 384) unit directions of names; `generic` (384,) the mean of sentences that name nothing;
    `members` the classes of all groups in turn, with group g beginning at `starts[g]`; `weights` (1000 + G,) of
    classes, hypernyms and scenes.
    """

    anchors: NDArray[np.float32]
    generic: NDArray[np.float32]
    members: NDArray[np.intp]
    starts: NDArray[np.intp]
    weights: NDArray[np.float32]


class BuiltinEncoder:
    """Classifier posteriors against likeness of names; what it needs is loaded when first used, and then held.

    It runs on the CPU whatever `device` asks for: decoding takes longer than its networks, which are made for CPUs.
    """

    name = "builtin"
    size = 224

    def __init__(self, *, device: str | None = None) -> None:
        self._sentences = SentenceEncoder()

    @property
    def dim(self) -> int:
        """Classes, groups and colours."""
        return len(self._words.anchors) + len(COLOURS)

    @cached_property
    def sha256(self) -> str:
        """Of everything that shapes a vector: network, words, sentence model and the way they are joined."""
        parts = (_stored(NETWORK), _stored(WORDS), self._sentences.sha256.encode(), RECIPE.encode())
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()

    @property
    def weight_bytes(self) -> int:
        """Bytes of the networks and words loaded by now."""
        words = sum(array.nbytes for array in self._words) if "_words" in self.__dict__ else 0
        network: int = _path(NETWORK).stat().st_size if "_session" in self.__dict__ else 0
        return words + network + self._sentences.weight_bytes

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Square roots of the probabilities of classes and groups and of the shares of colours, (N, 1436) float32."""
        batches = [np.stack(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
        vectors = [np.zeros((0, self.dim), dtype=np.float32), *(self._frames(batch) for batch in batches)]
        return np.concatenate(vectors)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """How much a query speaks of each class, group and colour, (Q, 1436) float32."""
        words = self._words
        likeness = _unit(self._sentences.encode(texts) - words.generic) @ words.anchors.T
        share = np.exp((likeness - 1) / TEMPERATURE)
        named = _unit(share - share.mean(axis=1, keepdims=True)) * words.weights
        colours = np.stack([COLOUR * colours_named(text) for text in texts]) if texts else np.zeros((0, len(COLOURS)))
        return np.concatenate([named, colours], axis=1, dtype=np.float32)

    def encode_words(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """States of the sentence model's tokens, (T, 384) each."""
        return self._sentences.encode_words(texts)

    def _frames(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        [logits] = self._session.run(["logits"], {"images": batch})
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        classes = odds / odds.sum(axis=1, keepdims=True)
        # Not a matrix product: BLAS threads that spin after one would slow the network by half.
        groups = np.add.reduceat(classes[:, self._words.members], self._words.starts, axis=1)
        parts = [classes, np.minimum(groups, 1), colour_shares(batch)]
        vectors: NDArray[np.float32] = np.sqrt(np.concatenate(parts, axis=1))
        return vectors

    @cached_property
    def _session(self) -> Any:
        from whenabouts.encoders.session import onnx_session

        return onnx_session(_stored(NETWORK))

    @cached_property
    def _words(self) -> Words:
        with _path(WORDS).open("rb") as stream, np.load(stream) as stored:
            anchors, generic, scenes = stored["anchors"].astype(np.float32), stored["generic"], int(stored["scenes"])
            members, sizes = stored["members"].astype(np.intp), stored["sizes"].astype(np.intp)
        weights = np.repeat(np.array([1, HYPERNYM, SCENE], np.float32), [CLASSES, len(sizes) - scenes, scenes])
        return Words(anchors, generic, members, np.cumsum(sizes) - sizes, weights)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return scaled


def _path(name: str) -> Any:
    return files("whenabouts.encoders").joinpath("weights", name)


def _stored(name: str) -> bytes:
    weights: bytes = _path(name).read_bytes()
    return weights
