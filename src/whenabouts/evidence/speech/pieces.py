"""The sound of a video as mono samples on its own clock, in pieces that are cut where it is quiet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["RATE", "Samples", "pieces", "sound"]

RATE = 16_000  # Hz, what Whisper hears
PIECE = 120.0  # seconds of sound in memory at once
QUIET_WITHIN = 30.0  # seconds before the end of a piece in which to look for the quietest place

Samples = NDArray[np.float32]


def sound(video: Video) -> Iterator[Samples]:
    """The default sound as mono float32 at 16 kHz from media time 0 to the end, unbroken, in blocks."""
    from av.audio.resampler import AudioResampler

    from whenabouts.video.reader import Failures
    from whenabouts.video.sound import sound_between

    origin, span = Fraction(video.probe.start_time), (Fraction(0), Fraction(video.duration))
    track = sound_between(video.path, video.limits, Failures(), origin, span)
    if track is None:
        return
    resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
    try:
        for frame in track.until(None):
            for ready in resampler.resample(frame):
                yield ready.to_ndarray()[0]
        for ready in resampler.resample(None):
            yield ready.to_ndarray()[0]
    finally:
        track.close()


def pieces(blocks: Iterable[Samples], *, seconds: float | None = None) -> Iterator[tuple[float, Samples]]:
    """Cut a stream of samples into pieces of at most `seconds`, by default `PIECE`, at quiet places.

    Each comes as (start in seconds, samples).
    """
    held: list[Samples] = []
    count = done = 0
    most = round((seconds or PIECE) * RATE)
    for block in blocks:
        held.append(block)
        count += len(block)
        while count >= most:
            whole = np.concatenate(held)
            cut = _quietest(whole[:most])
            yield done / RATE, whole[:cut]
            held, count, done = [whole[cut:]], count - cut, done + cut
    if count:
        yield done / RATE, np.concatenate(held)


def _quietest(samples: Samples) -> int:
    """Where to cut: the middle of the quietest fifth of a second in the last part of a piece."""
    width = RATE // 5
    tail = samples[-min(len(samples) // 2, round(QUIET_WITHIN * RATE)) :]
    if len(tail) < width:
        return len(samples)
    steps = tail[: len(tail) // width * width].reshape(-1, width)
    quietest = int(np.argmin(np.square(steps).mean(axis=1)))
    return len(samples) - len(tail) + quietest * width + width // 2
