"""What judges frames for T*: how sure it is that a frame shows each of some things.

The official detectors are YOLO-World and OWL-ViT (`owl`). Without either the embedded encoder judges by likeness; its
confidence is the probability that `evidence.presence` was calibrated to, and for an encoder without calibration how far
the frame's score lies above the mean of generic queries, on the way to the best of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.errors import VideoError
from whenabouts.evidence.likeness import Likeness
from whenabouts.evidence.presence import CALIBRATION
from whenabouts.video import Video

__all__ = ["Detector", "DetectorJudge", "LikenessJudge"]


class Detector(Protocol):
    """Judges pictures of `size` × `size` pixels; `sha256` identifies its weights."""

    name: str
    size: int

    @property
    def sha256(self) -> str:
        """SHA-256 of the weights."""
        ...

    def confidences(self, images: Sequence[NDArray[np.uint8]], words: Sequence[str]) -> NDArray[np.float32]:
        """How sure it is that each image (size, size, 3) shows each of the words, (N, W) in [0, 1]; 0 is not at all."""
        ...


@dataclass(slots=True)
class DetectorJudge:
    """Shows a detector the pictures that are on show, 64 of them in memory at once."""

    detector: Detector

    @property
    def identity(self) -> dict[str, str]:
        """The sha256 of the weights, by name."""
        return {self.detector.name: self.detector.sha256}

    def confidences(self, video: Video, times: Sequence[float], words: Sequence[str]) -> NDArray[np.float32]:
        """Of each word (W) in each picture (K) on show at increasing times, (K, W). Raises VideoError."""
        return self.detector.confidences(_pictures(video, times, self.detector.size), words)


@dataclass(slots=True)
class LikenessJudge:
    """An encoder of frames and sentences in place of a detector; vectors of the video asked last are at hand."""

    encoder: Encoder
    bank: Likeness
    _known: tuple[str, dict[float, NDArray[np.float32]]] = field(default_factory=lambda: ("", {}))

    @property
    def identity(self) -> dict[str, str]:
        """The sha256 of the weights, by name."""
        return {self.encoder.name: self.encoder.sha256}

    def confidences(self, video: Video, times: Sequence[float], words: Sequence[str]) -> NDArray[np.float32]:
        """As of `DetectorJudge`."""
        texts, vectors = self.encoder.encode_texts(list(words)), self._vectors(video, times)
        if calibration := CALIBRATION.get(self.encoder.name):
            heights = self.bank.curves(texts, vectors).T
            sure: NDArray[np.float32] = np.vectorize(calibration.probability, otypes=[np.float32])(heights)
            return sure
        generic = vectors @ self.bank.seen.T
        low, high = generic.mean(axis=1, keepdims=True), generic.max(axis=1, keepdims=True)
        share: NDArray[np.float32] = np.clip((vectors @ texts.T - low) / np.maximum(high - low, 1e-6), 0, 1)
        return share

    def _vectors(self, video: Video, times: Sequence[float]) -> NDArray[np.float32]:
        known = self._known[1] if self._known[0] == video.sha256 else {}
        if new := [time for time in times if time not in known]:
            vectors = self.encoder.encode_images(_pictures(video, new, self.encoder.size))
            known = known | dict(zip(new, vectors, strict=True))
            self._known = video.sha256, known
        return np.stack([known[time] for time in times])


def _pictures(video: Video, times: Sequence[float], size: int) -> list[NDArray[np.uint8]]:
    """The pictures on show; where the end is damaged, the last one that can be decoded."""
    pictures = [frame.image for frame in video.at(times, size=size)]
    if not pictures:
        raise VideoError(f"{video.path} gave no picture that could be decoded")
    return pictures + pictures[-1:] * (len(times) - len(pictures))
