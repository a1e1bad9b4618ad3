"""VidThinker's third stage: frames of the relevant clips, by what is asked about.

What things look like is shown by different frames, motion by all that are sampled, both by both, and the whole by
frames from everywhere. Places are those of VideoITG's training: among frames sampled once a second, at most 1,024.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.selection.videoitg.drawn import different
from whenabouts.selection.videoitg.sampling import TRAINING
from whenabouts.video import Video

__all__ = ["places"]

EVERYWHERE = 32  # frames of a question about the whole; ours
BATCH = 32  # pictures in memory at once


def places(
    video: Video, kind: str, relevant: Sequence[tuple[float, float]], question: str, encoder: Encoder
) -> list[int]:
    """The places of the frames to be shown, increasing. Raises VideoError, ModelError."""
    sampled = np.asarray(video.times)[TRAINING.of(video)]
    if kind == "global" or not relevant:
        middles = (np.arange(EVERYWHERE) + 0.5) * len(sampled) / EVERYWHERE
        return sorted({int(place) for place in middles})
    inside = np.zeros(len(sampled), bool)
    for start, end in relevant:
        inside |= (sampled >= start) & (sampled < end)
    found = np.flatnonzero(inside)
    if kind != "semantic" or not len(found):
        return [int(place) for place in found]
    vectors = np.concatenate(list(_vectors(video, sampled[found], encoder)))
    fits = vectors @ encoder.encode_texts([question])[0]
    return [int(found[k]) for k in different(vectors, fits, range(len(found)))]


def _vectors(video: Video, times: NDArray[np.float64], encoder: Encoder) -> Iterator[NDArray[np.float32]]:
    rest = video.at(times.tolist(), size=encoder.size)
    while batch := list(islice(rest, BATCH)):
        yield encoder.encode_images([frame.image for frame in batch])
