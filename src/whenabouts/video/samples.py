"""The sound of a video or of a part of one, in blocks of mono samples from media time 0 on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

    from whenabouts.video import Video
    from whenabouts.video.edit.sound import EditedSound
    from whenabouts.video.sound import Sound

__all__ = ["RATE", "Samples", "has_sound", "samples", "windows"]

RATE = 16_000  # Hz, what Whisper and the detector of voices hear

Samples = NDArray[np.float32]


def has_sound(video: Video) -> bool:
    """Whether the file has a track of sound."""
    return any(track.sample_rate for track in video.probe.audio)


def samples(video: Video, rate: int = RATE) -> Iterator[Samples]:
    """The default sound as mono float32 at `rate` Hz, unbroken, from time 0 of the video; nothing without a track.

    Mono is the mean of two channels. Where the track begins later or has a hole there are zeros; the end of a track
    that is too short is not filled.
    """
    from whenabouts.video.edit.pieces import of_files, pieced
    from whenabouts.video.edit.sound import edited_sound
    from whenabouts.video.part import Part

    if pieced(video):
        yield from _mono(edited_sound(of_files(video)), rate)
        return
    start = video.start if isinstance(video, Part) else 0.0
    yield from video.read(_samples, rate, start, video.duration)


def _samples(video: Video, rate: int, start: float, length: float) -> Iterator[Samples]:
    from whenabouts.video.sound import sound_between

    span = (Fraction(start), Fraction(start) + Fraction(length))
    track = sound_between(video.path, video.limits, video.failures, Fraction(video.probe.start_time), span)
    return _mono(track, rate)


def _mono(track: Sound | EditedSound | None, rate: int) -> Iterator[Samples]:
    from av.audio.resampler import AudioResampler

    if track is None:
        return
    resampler = AudioResampler(format="flt", layout="mono", rate=rate)
    try:
        for frame in track.until(None):
            for ready in resampler.resample(_mean(frame)):
                yield ready.to_ndarray()[0]
        for ready in resampler.resample(None):
            yield ready.to_ndarray()[0]
    finally:
        track.close()


def _mean(frame: AudioFrame) -> AudioFrame:
    """Its channels, each a row of float32, as one: FFmpeg adds two of them up to 1.4 times their mean."""
    from av.audio.frame import AudioFrame

    if frame.layout.nb_channels == 1:
        return frame
    mono = AudioFrame.from_ndarray(frame.to_ndarray().mean(axis=0, keepdims=True), format="fltp", layout="mono")
    mono.sample_rate, mono.pts, mono.time_base = frame.sample_rate, frame.pts, frame.time_base
    return mono


def windows(blocks: Iterable[Samples], length: int, step: int) -> Iterator[tuple[int, Samples]]:
    """Windows of `length` samples, one every `step`, with the number of their first sample.

    What is left after the last whole window comes as a shorter one, even where other windows hold it too. Little more
    than one window is in memory.
    """
    held = np.zeros(0, np.float32)
    waiting: list[Samples] = []
    count = at = 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        if len(held) + count < length:
            continue
        held = np.concatenate([held, *waiting])
        waiting, count = [], 0
        while len(held) >= length:
            yield at, held[:length]
            held, at = held[step:], at + step
    held = np.concatenate([held, *waiting])
    if len(held):
        yield at, held
