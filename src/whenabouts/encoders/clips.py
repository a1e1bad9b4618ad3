"""Features of clips and of words, as learned heads take them: the same code before training and on a raw video."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder, WordEncoder
from whenabouts.encoders.features import video_features
from whenabouts.errors import ModelError
from whenabouts.video import Video

__all__ = ["PICTURES", "clip_features", "word_features"]

Float = NDArray[np.float32]
PICTURES = 2  # of a clip: those on show at its start and in its middle


def clip_features(
    video: Video,
    encoder: Encoder,
    clip_seconds: float = 2.0,
    *,
    cache: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Float:
    """One row per clip of `clip_seconds` on the video's own clock, the last one maybe shorter: (L, D), unit length.

    A row is the mean of the pictures at the clip's start and middle. Raises VideoError, ModelError.
    """
    found = video_features(video, encoder, fps=PICTURES / clip_seconds, cache=cache, progress=progress)
    clip = np.arange(len(found.vectors)) // PICTURES
    rows = np.zeros((clip[-1] + 1, found.vectors.shape[1]), dtype=np.float32)
    np.add.at(rows, clip, found.vectors)
    return unit_rows(rows)


def word_features(queries: Sequence[str], encoder: Encoder) -> list[Float]:
    """One row per token of every query, (T, D) each, unit length. Raises ModelError where there are only sentences."""
    if not isinstance(encoder, WordEncoder):
        raise ModelError(f"the encoder {encoder.name} has no vectors of words; choose builtin, clip or siglip2")
    return [unit_rows(rows) for rows in encoder.encode_words(queries)]


def unit_rows(rows: Float) -> Float:
    """Rows divided by their length plus 1e-5, as the official feature readers do."""
    scaled: Float = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + np.float32(1e-5))
    return scaled
