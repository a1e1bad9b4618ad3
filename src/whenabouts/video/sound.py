"""The sound of a stretch of video as an unbroken run of samples, in step with the picture's clock."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard, Disposition
from numpy.typing import NDArray

from whenabouts.video.damage.failures import Failures, stamp_of
from whenabouts.video.damage.holes import Holes
from whenabouts.video.limits import Limits
from whenabouts.video.reader import GIVE_UP_AFTER
from whenabouts.video.source import AT_END, READ_ERRORS, open_media
from whenabouts.video.stamps.continued import Continued
from whenabouts.video.stamps.survey import continued

__all__ = ["Sound", "sound_between"]

RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
DRIFT = 0.02  # seconds that stamps may jitter before samples are dropped or silence is put in
SILENCE = 1 << 16  # samples of it at once: a hole may last hours
Span = tuple[Fraction, Fraction]
PREROLL = 1  # seconds decoded before the start, for codecs that need to settle


class Sound:
    """Samples over `span` (media time, seconds), the first at its start; silence fills holes.

    `origin` is the start of the container in seconds; `continued` makes one clock of its stamps, where they make none.
    """

    def __init__(
        self,
        path: Path,
        container: InputContainer,
        stream: AudioStream,
        failures: Failures,
        origin: Fraction,
        span: Span,
        continued: Continued | None = None,
    ) -> None:
        self._container, self._stream, self._failures = container, stream, failures
        self._continued = continued
        self._holes = Holes(path, container, stream, failures.sound)
        start, end = span
        self._start, self._origin = start, origin
        stated = stream.codec_context.sample_rate
        self.rate = stated if stated in RATES else 48_000
        self.layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        self._count = round((end - start) * self.rate)
        self._given = 0
        self._pieces = self._read()

    def close(self) -> None:
        """Close the file."""
        self._pieces.close()
        self._container.close()

    def until(self, time: Fraction | None) -> Iterator[AudioFrame]:
        """Further samples, as far as needed to reach `time` seconds after the start; all that is left for None."""
        goal = self._count if time is None else min(self._count, round(time * self.rate))
        while self._given < goal:
            piece = next(self._pieces, None)
            if piece is None:
                return
            frame = AudioFrame.from_ndarray(piece, format="fltp", layout=self.layout)
            frame.sample_rate, frame.pts, frame.time_base = self.rate, self._given, Fraction(1, self.rate)
            self._given += piece.shape[1]
            yield frame

    def _read(self) -> Generator[NDArray[np.float32], None, None]:
        """Pieces (channels, samples) without hole or overlap, from sample 0 to the last."""
        at = 0
        for time, piece in self._decoded():
            begin = round((time - self._start) * self.rate)
            forgiven = DRIFT * self.rate if at else 0
            late, early = begin - at > forgiven, at - begin > forgiven
            while late and at < min(begin, self._count):
                silence = np.zeros((piece.shape[0], min(begin, self._count, at + SILENCE) - at), np.float32)
                at += silence.shape[1]
                yield silence
            first = at - begin if early else 0
            rest = np.ascontiguousarray(piece[:, first : first + self._count - at])
            if rest.shape[1]:
                at += rest.shape[1]
                yield rest
            if at >= self._count:
                return

    def _decoded(self) -> Iterator[tuple[Fraction, NDArray[np.float32]]]:
        resampler = AudioResampler(format="fltp", layout=self.layout, rate=self.rate)
        time: Fraction | None = None
        losses = self._failures.sound
        for packet in self._packets():
            try:
                frames = packet.decode()
            except READ_ERRORS:
                self._failures.count += 1
                if packet.size:
                    losses.add(losses.unread, stamp_of(packet))
                continue
            for frame in frames:
                if frame.pts is not None and frame.time_base:
                    time = frame.pts * Fraction(frame.time_base) - self._origin
                frame.pts = None
                for ready in resampler.resample(frame):
                    piece = ready.to_ndarray().astype(np.float32, copy=False)
                    yield time or Fraction(0), piece
                    time = (time or Fraction(0)) + Fraction(piece.shape[1], self.rate)

    def _packets(self) -> Iterator[av.Packet[AudioStream]]:
        before = max(Fraction(0), self._start - PREROLL) + self._origin
        in_a_row = 0
        try:
            if self._start > PREROLL and not self._continued:
                self._container.seek(int(before / Fraction(self._stream.time_base or 1)), stream=self._stream)
        except READ_ERRORS:
            self._failures.count += 1
            return
        while in_a_row < GIVE_UP_AFTER:
            try:
                packets = self._container.demux(self._stream)
                for packet in self._continued.mended(packets) if self._continued else packets:
                    in_a_row = 0
                    self._look_at(packet)
                    yield packet
                self._holes.end()
                return
            except READ_ERRORS as error:
                self._failures.count += not isinstance(error, AT_END)
                in_a_row += 1

    def _look_at(self, packet: av.Packet[AudioStream]) -> None:
        if packet.size:
            self._holes.see(packet)
            if packet.is_corrupt:
                self._failures.sound.add(self._failures.sound.marred, stamp_of(packet))


def sound_between(path: Path, limits: Limits, failures: Failures, origin: Fraction, span: Span) -> Sound | None:
    """The default sound of a file over `span` (media time; the container starts at `origin`), None if it has none."""
    container = open_media(path, limits)
    streams = [s for s in container.streams.audio if s.codec_context is not None and s.codec_context.sample_rate]
    if not streams:
        container.close()
        return None
    chosen = max(streams, key=lambda s: (bool(s.disposition & Disposition.default), -s.index))
    for other in container.streams:
        other.discard = Discard.default if other.index == chosen.index else Discard.all
    return Sound(path, container, chosen, failures, origin, span, continued(path, limits))
