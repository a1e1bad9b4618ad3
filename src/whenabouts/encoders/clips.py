"""Features of clips and of words, as learned heads take them: the same code before training and on a raw video."""

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
PICTURES = 2  # per clip, for encoders of single pictures: those on show at its start and in its middle
MOTION = "slowfast+"


@dataclass(frozen=True, slots=True)
class FeatureMaker:
    """Makes rows of video and vectors of words; its encoders are loaded once.

    encoder: of pictures and words        motion: of clips; its rows stand first, as in official features
    """

    encoder: Encoder
    motion: ClipEncoder | None = None

    @property
    def name(self) -> str:
        """As `load_maker` takes it."""
        return (MOTION if self.motion else "") + self.encoder.name

    @property
    def sha256(self) -> str:
        """Of all weights."""
        if self.motion is None:
            return self.encoder.sha256
        return hashlib.sha256((self.motion.sha256 + self.encoder.sha256).encode()).hexdigest()

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights that the encoders hold by now; 0 from one that does not tell."""
        return sum(getattr(encoder, "weight_bytes", 0) for encoder in (self.encoder, self.motion))

    def rows(self, video: Video, seconds: float, *, cache: bool = True, progress: Fraction | None = None) -> Float:
        """One row per clip of `seconds` on the video's own clock, the last one maybe shorter: (L, D).

        Every encoder's part has unit length; that of pictures is the mean of those at the clip's start and middle.
        Raises VideoError, ModelError.
        """
        found = video_features(video, self.encoder, fps=PICTURES / seconds, cache=cache, progress=progress)
        clip = np.arange(len(found.vectors)) // PICTURES
        seen = np.zeros((clip[-1] + 1, found.vectors.shape[1]), dtype=np.float32)
        np.add.at(seen, clip, found.vectors)
        if self.motion is None:
            return unit_rows(seen)
        moves = _motion(video, self.motion, seconds, len(seen))
        return np.concatenate([unit_rows(moves), unit_rows(seen[: len(moves)])], axis=1)

    def words(self, queries: Sequence[str]) -> list[Float]:
        """One row per token of every query, (T, D) each, unit length. Raises ModelError where an encoder has none."""
        if not isinstance(self.encoder, WordEncoder):
            raise ModelError(f"{self.encoder.name} has no vectors of words; choose builtin, clip or siglip2")
        return [unit_rows(rows) for rows in self.encoder.encode_words(queries)]


def load_maker(name: str, *, device: str | None = None) -> FeatureMaker:
    """The encoder of that name, or `slowfast+` before it; `device` is where those run that torch runs.

    Raises ModelError, MissingExtra.
    """
    if not name.startswith(MOTION):
        return FeatureMaker(load_encoder(name, device=device))
    try:
        from whenabouts.encoders.slowfast import SlowFastEncoder
    except ImportError as error:
        raise MissingExtra("torch", "SlowFast") from error
    return FeatureMaker(load_encoder(name.removeprefix(MOTION), device=device), SlowFastEncoder(device=device))


def _motion(video: Video, encoder: ClipEncoder, seconds: float, count: int) -> Float:
    """One vector per clip; a last clip that is too short repeats its last picture."""
    frames = video.sample(encoder.pictures / seconds, size=encoder.size)
    parts: list[Float] = []
    while len(parts) < count and (images := [frame.image for frame in islice(frames, encoder.pictures)]):
        images += images[-1:] * (encoder.pictures - len(images))
        parts.append(encoder.encode_clips(np.stack(images)[None]))
    return np.concatenate(parts)


def unit_rows(rows: Float) -> Float:
    """Rows divided by their length plus 1e-5, as the official feature readers do."""
    scaled: Float = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + np.float32(1e-5))
    return scaled
