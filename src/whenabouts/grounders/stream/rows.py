"""Rows of features for a head, as they are pushed or of the pictures of a stream."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.clips import FRAMES_PER_CLIP, FeatureMaker, unit_rows
from whenabouts.errors import InputError, ModelError

__all__ = ["Rows"]

Float = NDArray[np.float32]


class Rows:
    """Makes rows; keeps only the vectors of pictures whose row is not complete.

    seconds: of a row        width: D, numbers of a row        maker: of rows of single pictures; None: rows are pushed
    """

    def __init__(self, seconds: float, width: int, maker: FeatureMaker | None) -> None:
        self.seconds, self.width = seconds, width
        self.encoder = maker.encoder if maker and maker.motion is None and maker.sound is None else None
        self._pictures = maker.pictures if maker else FRAMES_PER_CLIP
        self.reset()

    def reset(self) -> None:
        """Forget the row that is not complete."""
        self._shown: list[Float] = []
        self._number = 0

    def put(self, frame: NDArray[Any], t: float) -> list[tuple[float, Float]]:
        """Rows (D,) that this completes, with the time of their middle.

        frame: a row whose middle is `t`, or a picture on show at `t`; pictures make a row as in training

        Raises ModelError, InputError.
        """
        if frame.ndim == 3:
            return self._picture(frame, t)
        if frame.shape != (self.width,):
            raise ModelError(f"a row of this model has {self.width} numbers, not {frame.shape}")
        if not np.isfinite(frame).all():
            raise InputError(f"the row at {t:g} s has numbers that are not finite; leave it out")
        return [(t, np.asarray(frame, dtype=np.float32))]

    def _picture(self, picture: NDArray[Any], t: float) -> list[tuple[float, Float]]:
        if self.encoder is None:
            raise ModelError("rows of this model are not made of single pictures here; push its features")
        number = int(t / self.seconds + 1e-6)
        rows = self._complete() if self._shown and number != self._number else []
        self._number = number
        vector = self.encoder.encode_images([picture])[0]
        self._shown.append(vector.astype(np.float16).astype(np.float32))  # as cached features are
        return rows + (self._complete() if len(self._shown) == FRAMES_PER_CLIP else [])

    def _complete(self) -> list[tuple[float, Float]]:
        [row] = unit_rows(np.sum(self._shown[-self._pictures :], 0, keepdims=True))
        self._shown = []
        return [((self._number + 0.5) * self.seconds, row)]

    def snapshot(self) -> dict[str, Any]:
        """Plain values for `restore`."""
        return {"shown": [vector.tolist() for vector in self._shown], "number": self._number}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot."""
        self._shown = [np.asarray(vector, dtype=np.float32) for vector in kept["shown"]]
        self._number = kept["number"]
