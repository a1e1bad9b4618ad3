"""Rows of sound: whole clips of a video's sound, or of a file of sound alone, each as one vector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import SoundEncoder
from whenabouts.errors import MissingExtra, ModelError, VideoError
from whenabouts.files.pretrained import require_finite
from whenabouts.plugins import Registry
from whenabouts.progress import Fraction
from whenabouts.video.samples import has_sound, samples, windows

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["SOUNDS", "load_sound", "sound_rows"]

BATCH = 8  # clips in memory at once

SOUNDS: Registry[Callable[..., SoundEncoder]] = Registry(
    "encoder of sound",
    "whenabouts.encoders.sound",
    {"pann": "whenabouts.encoders.pann:PANNEncoder", "clap": "whenabouts.encoders.msclap:MSCLAPEncoder"},
    fits=callable,
    error=ModelError,
)


def load_sound(name: str, *, device: str | None = None) -> SoundEncoder:
    """An encoder of sound, one of `SOUNDS`. Raises ModelError, MissingExtra."""
    try:
        return SOUNDS[name](device=device)
    except ImportError as error:
        raise MissingExtra("torch", f"the encoder {name}") from error


def sound_rows(
    video: Video, encoder: SoundEncoder, seconds: float, *, progress: Fraction | None = None
) -> NDArray[np.float32]:
    """One vector per whole clip of `seconds` from time 0 on, (L, A); what is left at the end is dropped, as officially.

    Raises VideoError where there is no sound or not one whole clip, ModelError for clips that the encoder cannot take,
    and for vectors that are not finite.
    """
    size = round(encoder.rate * seconds)
    if size < encoder.least or (encoder.most is not None and size > encoder.most):
        most = "" if encoder.most is None else f" and at most {encoder.most / encoder.rate:.2f} s"
        raise ModelError(
            f"{encoder.name} hears clips of at least {encoder.least / encoder.rate:.2f} s{most}, not {seconds:g} s"
        )
    if not has_sound(video):
        raise VideoError(f"{video.path} has no sound, which features of {encoder.name} are made of")
    clips = _clips(video, encoder.rate, size)
    parts: list[NDArray[np.float32]] = []
    while batch := list(islice(clips, BATCH)):
        parts.append(encoder.encode_sound(np.stack(batch)))
        require_finite(parts[-1], encoder.name)
        if progress:
            progress(min(1.0, sum(map(len, parts)) * seconds / video.duration))
    if not parts:
        raise VideoError(f"the sound of {video.path} is shorter than one clip of {seconds:g} s")
    return np.concatenate(parts)


def _clips(video: Video, rate: int, size: int) -> Iterator[NDArray[np.float32]]:
    return (clip for _, clip in windows(samples(video, rate), size, size) if len(clip) == size)
