"""Features of clips and of words for learned heads: the same code prepares training and runs on a raw video.

Rows of pictures and rows of sound are made apart, since a head takes them apart: the ends of a clip stand between them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import ClipEncoder, Encoder, SoundEncoder, WordEncoder, load_encoder
from whenabouts.encoders.features import video_features
from whenabouts.encoders.sound import SOUNDS, load_sound, sound_rows
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

    encoder: of frames, and of words where `text` is None; None for what is only heard
    motion:  of clips; its features come first in a row, as in the official features
    sound:   of what is heard in a clip
    text:    of words alone
    """

    encoder: Encoder | None
    motion: ClipEncoder | None = None
    sound: SoundEncoder | None = None
    text: WordEncoder | None = None

    @property
    def name(self) -> str:
        """The name by which `load_maker` loads it, but for `text`."""
        seen = (SLOWFAST_PREFIX if self.motion else "") + self.encoder.name if self.encoder else ""
        return "+".join(part for part in (seen, self.sound.name if self.sound else "") if part)

    @property
    def sha256(self) -> str:
        """SHA-256 of all weights."""
        hashes = [part.sha256 for part in (self.motion, self.encoder, self.sound) if part is not None]
        return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights that the encoders have loaded so far; an encoder that does not report them counts 0."""
        parts = {id(part): part for part in (self.encoder, self.motion, self.sound, self.text)}
        return sum(getattr(encoder, "weight_bytes", 0) for encoder in parts.values())

    def rows(self, video: Video, seconds: float, *, cache: bool = True, progress: Fraction | None = None) -> Float:
        """One row per clip of `seconds` on the video's own clock, (L, D); the last clip may be shorter.

        Each encoder's part of a row has unit length; that of the frame encoder is the mean over the frames at the start
        and in the middle of the clip. Raises VideoError, ModelError.
        """
        if self.encoder is None:
            raise ModelError(f"{self.name} makes features of sound alone, not of pictures")
        rate = FRAMES_PER_CLIP / seconds
        frames = video_features(video, self.encoder, fps=rate, cache=cache, progress=progress, repeats=False)
        clip = np.arange(len(frames.vectors)) // FRAMES_PER_CLIP
        appearance = np.zeros((clip[-1] + 1, frames.vectors.shape[1]), dtype=np.float32)
        np.add.at(appearance, clip, frames.vectors)
        if self.motion is None:
            return unit_rows(appearance)
        motion = _motion(video, self.motion, seconds, len(appearance))
        return np.concatenate([unit_rows(motion), unit_rows(appearance[: len(motion)])], axis=1)

    def clips(
        self, video: Video, seconds: float, *, cache: bool = True, progress: Fraction | None = None
    ) -> tuple[Float, Float | None]:
        """Rows of pictures (L, D) and of sound (L, A), cut to the shorter; D is 0 for what is only heard.

        A row of sound has unit length; sound is None without an encoder of it, and has no row for a last clip that is
        not whole. Raises VideoError, also where there is no sound to hear, and ModelError.
        """
        sound = unit_rows(sound_rows(video, self.sound, seconds, progress=progress)) if self.sound else None
        if self.encoder is None:
            assert sound is not None
            return np.zeros((len(sound), 0), dtype=np.float32), sound
        pictures = self.rows(video, seconds, cache=cache, progress=progress)
        if sound is None:
            return pictures, None
        count = min(len(pictures), len(sound))
        return pictures[:count], sound[:count]

    def words(self, queries: Sequence[str], *, scaled: bool = True) -> list[Float]:
        """For each query one row per token, (T, D), of unit length if `scaled`.

        Raises ModelError if the encoder has no vectors of tokens.
        """
        texts = self.reader.encode_words(queries)
        return [unit_rows(rows) for rows in texts] if scaled else list(texts)

    @property
    def reader(self) -> WordEncoder:
        """The encoder of words. Raises ModelError where there is none."""
        encoder = self.text or self.encoder or self.sound
        assert encoder is not None
        return _reader(encoder)


def load_maker(name: str, *, words: str | None = None, device: str | None = None) -> FeatureMaker:
    """A feature maker by the name of its encoder: `clip`, `slowfast+clip`, `slowfast+clip+pann`, or `clap` alone.

    words:  name of another encoder, of frames or of sound, for words
    device: torch's name of the device for encoders that run in torch

    Raises ModelError, MissingExtra.
    """
    seen, _, heard = ("", "", name) if name in SOUNDS else name.rpartition("+")
    if heard not in SOUNDS:
        seen, heard = name, ""
    maker = _seen(seen, device) if seen else FeatureMaker(None)
    if heard:
        maker = replace(maker, sound=load_sound(heard, device=device))
    words = words and words.removeprefix(SLOWFAST_PREFIX)
    usual = maker.encoder or maker.sound
    if words is None or (usual is not None and usual.name == words):
        return maker
    known = maker.sound if maker.sound is not None and maker.sound.name == words else None
    return replace(maker, text=_reader(known or _named(words, device)))


def _seen(name: str, device: str | None) -> FeatureMaker:
    if not name.startswith(SLOWFAST_PREFIX):
        return FeatureMaker(load_encoder(name, device=device))
    try:
        from whenabouts.encoders.slowfast import SlowFastEncoder
    except ImportError as error:
        raise MissingExtra("torch", "SlowFast") from error
    return FeatureMaker(load_encoder(name.removeprefix(SLOWFAST_PREFIX), device=device), SlowFastEncoder(device=device))


def _named(name: str, device: str | None) -> Encoder | SoundEncoder:
    return load_sound(name, device=device) if name in SOUNDS else load_encoder(name, device=device)


def _reader(encoder: Encoder | SoundEncoder | WordEncoder) -> WordEncoder:
    if not isinstance(encoder, WordEncoder):
        raise ModelError(f"{encoder.name} has no vectors of words; choose builtin, clip, siglip2 or clap")
    return encoder


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
