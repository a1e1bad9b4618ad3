"""Keyframes through an encoder: a first idea of a video in a small part of the time that looking at it takes."""

from __future__ import annotations

from itertools import islice

import numpy as np

from whenabouts.encoders import Encoder
from whenabouts.encoders.looking import Features
from whenabouts.video import Video

__all__ = ["glimpse"]

BATCH = 32
NEAR = 2.0  # seconds; keyframes that are closer together on average are no small part of a video
FEWEST = 4


def glimpse(video: Video, encoder: Encoder) -> Features | None:
    """Vectors of the keyframes with their times, which are not kept; None where they are too dense, or hardly any.

    Raises VideoError, ModelError.
    """
    frames, times, vectors = video.keyframes(size=encoder.size), list[float](), []
    while batch := list(islice(frames, BATCH)):
        if len(batch) == BATCH and batch[-1].time < NEAR * (len(times) + BATCH - 1):
            return None
        times += [frame.time for frame in batch]
        vectors.append(encoder.encode_images([frame.image for frame in batch]).astype(np.float16))
    if len(times) < FEWEST:
        return None
    return Features(np.array(times), np.concatenate(vectors), len(times))
