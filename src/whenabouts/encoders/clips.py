"""Features of clips and of words for learned heads: the same code prepares training and runs on a raw video.

Rows of pictures and rows of sound are made apart, since a head takes them apart: the ends of a clip stand between them.

Published features (HERO_Video_Feature_Extractor's, and those that Lighthouse makes) are of the middle square of one
picture a clip, the one in the middle of it, and of SlowFast on every second picture at 30 a second, as PySlowFast was
trained. An encoder with "@crop" behind its name makes them so; else two pictures of each clip are seen whole.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import CROPPED, ClipEncoder, Encoder, SoundEncoder, WordEncoder, load_encoder, precision
from whenabouts.encoders.features import video_features
from whenabouts.encoders.sound import SOUNDS, load_sound, sound_rows
from whenabouts.errors import MissingExtra, ModelError
from whenabouts.progress import Fraction
from whenabouts.video import Video
from whenabouts.video.ahead import ahead
from whenabouts.video.frame import CentreCrop

__all__ = ["FeatureMaker", "as_published", "load_maker", "unit_rows"]

Float = NDArray[np.float32]
FRAMES_PER_CLIP = 2  # for encoders of single frames: those at the start and in the middle of the clip
SLOWFAST_PREFIX = "slowfast+"
SLOWFAST_FPS, SLOWFAST_STEP = 30, 2  # pictures a second that PySlowFast takes, and of which it sees every second one
JUST_BEFORE = 1e-3  # seconds: FFmpeg takes the picture before, where one begins in the very middle
CLIPS = 8  # of motion in memory at once


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
    def pictures(self) -> int:
        """How many pictures of a clip a row is the mean of: of those at its start and in its middle, the last."""
        return 1 if self.encoder is not None and isinstance(self.encoder.size, CentreCrop) else FRAMES_PER_CLIP

    @property
    def precision(self) -> str:
        """What vectors of pictures are computed in, such as "float16"."""
        return precision(self.encoder)

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

    def look_seconds(self, seconds: float) -> float:
        """Seconds of a processor for a second of video in clips of `seconds`, decoding aside; infinite if unknown."""
        if self.motion or self.sound:
            return math.inf
        each: float = getattr(self.encoder, "frame_seconds", math.inf)
        return self.pictures / seconds * each

    def rows(self, video: Video, seconds: float, *, cache: bool = True, progress: Fraction | None = None) -> Float:
        """One row per clip of `seconds` on the video's own clock, (L, D); the last clip may be shorter.

        Each encoder's part of a row has unit length; that of the frame encoder is the mean over its `pictures`. A last
        clip that ends before its middle has no row where that picture is the only one, as officially, unless there is
        no other. Raises VideoError, ModelError.
        """
        if self.encoder is None:
            raise ModelError(f"{self.name} makes features of sound alone, not of pictures")
        rate, middle = self.pictures / seconds, seconds / 2 - JUST_BEFORE
        start = middle if self.pictures == 1 and middle < video.duration else 0.0
        frames = video_features(
            video, self.encoder, fps=rate, start=start, cache=cache, progress=progress, repeats=False
        )
        clip = np.arange(len(frames.vectors)) // self.pictures
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


def as_published(name: str) -> str:
    """The name of a maker that prepares pictures as published features had them, where there are such: those of CLIP.

    >>> as_published("slowfast+clip"), as_published("builtin"), as_published("clip@squeeze")
    ('slowfast+clip@crop', 'builtin', 'clip@squeeze')
    """
    return "+".join(part + CROPPED if part == "clip" else part for part in name.split("+"))


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
    encoder, motion = load_encoder(name.removeprefix(SLOWFAST_PREFIX), device=device), SlowFastEncoder(device=device)
    motion.size = CentreCrop(motion.size) if isinstance(encoder.size, CentreCrop) else motion.size
    return FeatureMaker(encoder, motion)


def _named(name: str, device: str | None) -> Encoder | SoundEncoder:
    return load_sound(name, device=device) if name in SOUNDS else load_encoder(name, device=device)


def _reader(encoder: Encoder | SoundEncoder | WordEncoder) -> WordEncoder:
    if not isinstance(encoder, WordEncoder):
        raise ModelError(f"{encoder.name} has no vectors of words; choose builtin, clip, siglip2 or clap")
    return encoder


def _motion(video: Video, encoder: ClipEncoder, seconds: float, count: int) -> Float:
    """One vector per clip; a last clip that is too short repeats its last frame."""
    fps = video.probe.average_rate or SLOWFAST_FPS
    cropped = isinstance(encoder.size, CentreCrop)
    inside = _published(seconds, float(fps), encoder.pictures) if cropped else _spread(seconds, encoder.pictures)
    times = (np.arange(count)[:, None] * seconds + inside).ravel()
    frames = video.at(times.tolist(), size=encoder.size)
    parts: list[Float] = []
    with closing(ahead(frames, lambda frame: frame.image.nbytes)) as decoded:
        while images := [frame.image for frame in islice(decoded, CLIPS * encoder.pictures)]:
            clips = np.stack(images).reshape(-1, encoder.pictures, *images[0].shape)
            parts.append(encoder.encode_clips(clips))
    return np.concatenate(parts)


def _spread(seconds: float, pictures: int) -> NDArray[np.float64]:
    """Times within a clip, evenly over it."""
    return np.arange(pictures) * seconds / pictures


def _published(seconds: float, fps: float, pictures: int) -> NDArray[np.float64]:
    """Times within a clip of the pictures that PySlowFast's sampling takes from it, as Lighthouse does.

    A video of `fps` is taken at 30 pictures a second, and of these as many as it has in 64 / 30 seconds, from the
    clip's start on and not beyond its end. FFmpeg shows for each the picture that began nearest to its time.

    >>> _published(2.0, 30, 32)[[0, 1, 30, 31]].round(3)
    array([0.017, 0.083, 1.983, 1.983])
    """
    last = int(pictures * SLOWFAST_STEP * math.floor(fps) / SLOWFAST_FPS - 1)
    numbers = np.linspace(0, last, pictures, dtype=np.float32).clip(0, int(seconds * SLOWFAST_FPS) - 1).astype(int)
    return (numbers + 0.5) / SLOWFAST_FPS


def unit_rows(rows: Float) -> Float:
    """The rows divided by their L2 norm plus 1e-5, as the official feature readers do."""
    scaled: Float = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + np.float32(1e-5))
    return scaled
