"""An example as a vector: its pictures are prepared as frames of a video are, and encoded as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.errors import QueryError
from whenabouts.query import Example
from whenabouts.video import Video
from whenabouts.video.stills.picture import read_picture

__all__ = ["EncodedExample", "encode_example"]

RATE = 2.0  # pictures looked at per second of a moment
MOST = 16  # pictures of one moment
SMALL = 16  # pixels of the shorter side of a picture, below which too little is seen
FLAT = 2.0  # grey levels by which a picture varies (standard deviation), below which it has nothing in it
BEYOND = 0.05  # seconds by which an end may pass that of the video, as rounded times do
TOO_LITTLE = "the example shows too little to judge by: scores only rank"


@dataclass(frozen=True, slots=True, eq=False)
class EncodedExample:
    """What an example looks like to an encoder.

    vector: (D,) float32 of unit length: the mean over the pictures of a moment
    sha256: of the bytes of the picture, or of the video that it comes from
    span:   (start, end) in seconds on the clock of that video, equal for one frame; None for a picture
    judged: whether it shows enough for its likeness to be a probability
    notes:  what the reader of answers must know
    """

    example: Example
    vector: NDArray[np.float32]
    sha256: str
    span: tuple[float, float] | None = None
    judged: bool = True
    notes: tuple[str, ...] = ()

    def is_in(self, video_sha256: str | None) -> bool:
        """Whether it comes from this video."""
        return self.span is not None and self.sha256 == video_sha256

    @property
    def receipt(self) -> dict[str, Any]:
        """What identifies it, for a receipt: its name without folders, its hash and its times."""
        end = self.span and self.example.end and self.span[1]
        times = {} if self.span is None else {"start": self.example.start, "end": end}
        return {"name": self.example.name, "sha256": self.sha256, **times}


def encode_example(example: Example, encoder: Encoder, video: Video | None = None) -> EncodedExample:
    """Look at an example. `video` is the one that is asked about, which an example without a path comes from.

    Raises QueryError for times that the video does not have, VideoError, ModelError.
    """
    if example.start is None:
        picture = read_picture(Path(example.path), encoder.size)
        judged = picture.shorter >= SMALL and _varies(picture.image)
        notes = () if judged else (TOO_LITTLE,)
        vector = _mean(encoder.encode_images([picture.image]))
        return EncodedExample(example, vector, picture.sha256, judged=judged, notes=notes)
    if not example.path:
        if video is None:
            raise QueryError(f"the example {str(example)!r} names no video; write VIDEO{example}")
        return _from_video(example, encoder, video)
    with Video(Path(example.path)) as opened:
        return _from_video(example, encoder, opened)


def _from_video(example: Example, encoder: Encoder, video: Video) -> EncodedExample:
    start = example.start or 0.0
    end = start if example.end is None else min(example.end, video.duration)
    if start >= video.duration:
        raise QueryError(f"the example {str(example)!r} starts after the video, which lasts {video.duration:.3f} s")
    count = max(1, min(MOST, round(RATE * (end - start))))
    times = [start + (k + 0.5) * (end - start) / count for k in range(count)]
    images = [frame.image for frame in video.at(times, size=encoder.size)]
    judged = any(_varies(image) for image in images)
    notes = [] if judged else [TOO_LITTLE]
    if example.end is not None and example.end > video.duration + BEYOND:
        notes.append(f"the example ends at {video.duration:.3f} s, where its video ends")
    vector = _mean(encoder.encode_images(images))
    return EncodedExample(example, vector, video.sha256, (start, end), judged, tuple(notes))


def _varies(image: NDArray[np.uint8]) -> bool:
    return float(image.std(axis=(0, 1)).max()) >= FLAT


def _mean(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of vectors (N, D), each of which counts the same, at unit length."""
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    mean: NDArray[np.float32] = units.mean(axis=0)
    scaled: NDArray[np.float32] = mean / max(float(np.linalg.norm(mean)), 1e-12)
    return scaled
