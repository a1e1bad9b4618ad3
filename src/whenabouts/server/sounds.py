"""The sound of a stretch as a WAV file, and what kinds of sound are in it."""

from __future__ import annotations

import wave
from io import BytesIO

import numpy as np

from whenabouts.errors import InputError
from whenabouts.evidence.found import Found
from whenabouts.evidence.heard import kinds_of_sound
from whenabouts.video import Video
from whenabouts.video.part import Part
from whenabouts.video.samples import RATE, has_sound, samples

__all__ = ["MAX_SECONDS", "heard_between", "wav"]

MAX_SECONDS = 60.0  # at once: two megabytes


def wav(video: Video, start: float, end: float) -> bytes:
    """The sound of [start, end), in seconds, as a file: one channel of 16 bits at 16 kHz.

    Raises InputError where the video has no sound, or is over before.
    """
    _check(video, start, end)
    heard = np.concatenate([np.zeros(0, np.float32), *samples(Part(video, start, end))])
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.clip(heard, -1, 1) * 32_767).astype("<i2").tobytes())
    return out.getvalue()


def heard_between(video: Video, start: float, end: float) -> list[Found]:
    """The kinds of sound in [start, end) that are known without a model of the hub, in order of time."""
    _check(video, start, end)
    found = kinds_of_sound(Part(video, start, end))
    last = min(end, video.duration)
    return [Found(one.what, start + one.start, min(start + one.end, last), one.strength) for one in found]


def _check(video: Video, start: float, end: float) -> None:
    if not has_sound(video):
        raise InputError("the video has no sound")
    if start >= video.duration:
        raise InputError(f"the video ends at {video.duration:.3f} s, so nothing is heard from {start:.12g} s on")
    if not start < end:
        raise InputError(f"listening needs start < end, got {start:.12g} to {end:.12g} s")
