"""Features of clips and of words for learned heads: the same code prepares training and runs on a raw video."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import ClipEncoder, Encoder, WordEncoder, load_encoder
from whenabouts.encoders.features import video_features
from whenabouts.errors import MissingExtra, ModelError
from whenabouts.progress import Fraction
from whenabouts.video import Video

__all__ = ["FeatureMaker", "load_maker", "unit_rows"]

Float = NDArray[np.float32]
FRAMES_PER_CLIP = 2  # for encoders of single frames: those at the start and in the middle of the clip
SLOWFAST_PREFIX = "slowfast+"


@dataclass(frozen=True, slots=True)
class FeatureMaker:
    """Makes features of videos and of words; its encoders are loaded once.

    encoder: of frames and words
    motion:  of clips; its features come first in a row, as in the official features
    """

    encoder: Encoder
    motion: ClipEncoder | None = None

    @property
    def name(self) -> str:
        """The name by which `load_maker` loads it."""
        return (SLOWFAST_PREFIX if self.motion else "") + self.encoder.name

    @property
    def sha256(self) -> str:
        """SHA-256 of all weights."""
        if self.motion is None:
            return self.encoder.sha256
        return hashlib.sha256((self.motion.sha256 + self.encoder.sha256).encode()).hexdigest()

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights that the encoders have loaded so far; an encoder that does not report them counts 0."""
        return sum(getattr(encoder, "weight_bytes", 0) for encoder in (self.encoder, self.motion))

    def rows(self, video: Video, seconds: float, *, cache: bool = True, progress: Fraction | None = None) -> Float:
        """One row per clip of `seconds` on the video's own clock, (L, D); the last clip may be shorter.

        Each encoder's part of a row has unit length; that of the frame encoder is the mean over the frames at the start
        and in the middle of the clip. Raises VideoError, ModelError.
        """
        rate = FRAMES_PER_CLIP / seconds
        frames = video_features(video, self.encoder, fps=rate, cache=cache, progress=progress, repeats=False)
        clip = np.arange(len(frames.vectors)) // FRAMES_PER_CLIP
        appearance = np.zeros((clip[-1] + 1, frames.vectors.shape[1]), dtype=np.float32)
        np.add.at(appearance, clip, frames.vectors)
        if self.motion is None:
            return unit_rows(appearance)
        motion = _motion(video, self.motion, seconds, len(appearance))
        return np.concatenate([unit_rows(motion), unit_rows(appearance[: len(motion)])], axis=1)

    def words(self, queries: Sequence[str]) -> list[Float]:
        """For each query one row of unit length per token, (T, D).

        Raises ModelError if the encoder has no vectors of tokens.
        """
        if not isinstance(self.encoder, WordEncoder):
            raise ModelError(f"{self.encoder.name} has no vectors of words; choose builtin, clip or siglip2")
        return [unit_rows(rows) for rows in self.encoder.encode_words(queries)]


def load_maker(name: str, *, device: str | None = None) -> FeatureMaker:
    """A feature maker by the name of its encoder, with the prefix `slowfast+` for features of motion.

    device: torch's name of the device for encoders that run in torch

    Raises ModelError, MissingExtra.
    """
    if not name.startswith(SLOWFAST_PREFIX):
        return FeatureMaker(load_encoder(name, device=device))
    try:
        from whenabouts.encoders.slowfast import SlowFastEncoder
    except ImportError as error:
        raise MissingExtra("torch", "SlowFast") from error
    return FeatureMaker(load_encoder(name.removeprefix(SLOWFAST_PREFIX), device=device), SlowFastEncoder(device=device))


def _motion(video: Video, encoder: ClipEncoder, seconds: float, count: int) -> Float:
    """One vector per clip; a last clip that is too short repeats its last frame."""
    frames = video.sample(encoder.pictures / seconds, size=encoder.size)
    parts: list[Float] = []
    while len(parts) < count and (images := [frame.image for frame in islice(frames, encoder.pictures)]):
        images += images[-1:] * (encoder.pictures - len(images))
        parts.append(encoder.encode_clips(np.stack(images)[None]))
    return np.concatenate(parts)


def unit_rows(rows: Float) -> Float:
    """The rows divided by their L2 norm plus 1e-5, as the official feature readers do."""
    scaled: Float = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + np.float32(1e-5))
    return scaled
