"""The sound of a live stream: mono, 16,000 samples a second, in pieces without overlap."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from whenabouts.video.damage.failures import Failures
from whenabouts.video.live.arrival import Sound
from whenabouts.video.sound import DRIFT
from whenabouts.video.source import READ_ERRORS

__all__ = ["RATE", "Hearing"]

RATE = 16_000
PIECE = RATE // 2  # samples that are given at once: ours


class Hearing:
    """Decodes one connection's sound after another; what overlaps is cut off, and a hole is seen from the times.

    Nothing before `start_at` (seconds) is given.
    """

    def __init__(self, start_at: Fraction, failures: Failures) -> None:
        self._failures = failures
        self._begin = start_at  # of what is held
        self._held: list[NDArray[np.float32]] = []
        self._count = 0
        self._end = start_at  # of everything so far

    def open(self, codec: AudioCodecContext, start: Fraction) -> None:
        """Go on with another connection, whose stamps are `start` where the stream is at 0 (seconds)."""
        self._codec, self._start = codec, start
        self._resampler = AudioResampler(format="flt", layout="mono", rate=RATE)

    def send(self, packet: Packet[AudioStream] | None) -> Iterator[Sound]:
        """The sound that is complete after a packet goes in; with None, all that is left."""
        try:
            frames = self._codec.decode(packet)
        except READ_ERRORS:
            self._failures.count += 1
            frames = []
        for frame in frames:
            time = None
            if frame.pts is not None and frame.time_base:
                time = frame.pts * Fraction(frame.time_base) - self._start
            frame.pts = None
            try:
                ready = [each.to_ndarray().reshape(-1) for each in self._resampler.resample(frame)]
            except (*READ_ERRORS, ValueError):  # the sound changed its form: begin anew
                self._failures.count += 1
                self._resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
                continue
            if ready:
                yield from self._take(time, np.concatenate(ready).astype(np.float32, copy=False))
        if packet is None:
            yield from self._give()

    def _take(self, time: Fraction | None, samples: NDArray[np.float32]) -> Iterator[Sound]:
        late = 0.0 if time is None else float(time - self._end)
        if time is not None and late > DRIFT:
            yield from self._give()
            self._end = time
        elif late < -DRIFT:
            samples = samples[round(-late * RATE) :]
            if not len(samples):
                return
        if not self._held:
            self._begin = self._end
        self._held.append(samples)
        self._count += len(samples)
        self._end += Fraction(len(samples), RATE)
        if self._count >= PIECE:
            yield from self._give()

    def _give(self) -> Iterator[Sound]:
        if self._held:
            samples = np.clip(np.concatenate(self._held), -1.0, 1.0)
            self._held, self._count = [], 0
            yield Sound(float(self._begin), samples)
