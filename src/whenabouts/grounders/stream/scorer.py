"""How well one picture fits each of several queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.encoders.repeats import RepeatsEncodedOnce
from whenabouts.errors import InputError
from whenabouts.evidence.likeness import Likeness
from whenabouts.evidence.presence import CALIBRATION

__all__ = ["EncoderScorer", "Scorer"]

Scorer = Callable[[NDArray[Any], Sequence[str]], Sequence[float]]  # a picture and queries -> a score for each


class EncoderScorer:
    """Scores by an encoder of frames and sentences: one vector a picture, one product for all queries.

    A calibrated encoder has the scale of `evidence.likeness`, every other its own. Pictures that stand still are
    encoded once. Instead of a picture (size, size, 3) its vector (D,) may be given. `vector` is that of the last one.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.calibrated = encoder.name in CALIBRATION
        self.vector: NDArray[np.float16] | None = None
        self._queries: tuple[str, ...] = ()
        self._texts: NDArray[np.float32] = np.zeros((0, 0), np.float32)  # (Q, D)
        self._words: NDArray[np.floating[Any]] = np.zeros(0)  # (Q,), what each scores less
        self._repeats = RepeatsEncodedOnce(encoder)
        self._encoded = 0

    @cached_property
    def _bank(self) -> Likeness:
        return Likeness.of(self.encoder)

    def __call__(self, frame: NDArray[Any], queries: Sequence[str]) -> list[float]:
        """A score for each query."""
        self.vector = self._repeats.encode([frame])[0] if frame.ndim == 3 else frame.astype(np.float16)
        if not queries:
            return []
        if tuple(queries) != self._queries:
            self._prepare(tuple(queries))
        vector = self.vector.astype(np.float32)
        scores = self._texts @ vector
        if self.calibrated:
            scores = scores - self._words - self._bank.hubs(vector[None])
        found: list[float] = scores.astype(float).tolist()
        return found

    def check(self, frame: NDArray[Any]) -> None:
        """Raise InputError for what is neither a picture of the encoder nor its vector."""
        size, dim = self.encoder.size, self.encoder.dim
        picture = frame.shape == (size, size, 3) and frame.dtype == np.uint8
        if not picture and not (frame.shape == (dim,) and np.isfinite(frame).all()):
            raise InputError(
                f"{self.encoder.name} takes pictures of {size} × {size} pixels, uint8 RGB, or their vectors of {dim} "
                f"finite numbers, got {frame.dtype} of shape {frame.shape}"
            )

    def _prepare(self, queries: tuple[str, ...]) -> None:
        """Encode those that are new."""
        known = dict(zip(self._queries, self._texts, strict=True))
        new = [query for query in dict.fromkeys(queries) if query not in known]
        known |= dict(zip(new, self.encoder.encode_texts(new), strict=True)) if new else {}
        self._queries, self._texts = queries, np.stack([known[query] for query in queries])
        if self.calibrated:
            self._words = self._bank.words(self._texts)

    def forget(self) -> None:
        """Encode the next picture whatever stood before it."""
        self._encoded += self._repeats.encoded
        self._repeats = RepeatsEncodedOnce(self.encoder)

    @property
    def encoded(self) -> int:
        """Pictures that went through the encoder."""
        return self._encoded + self._repeats.encoded

    @property
    def resident_bytes(self) -> int:
        """Bytes that are kept of pictures."""
        return self._repeats.resident_bytes
