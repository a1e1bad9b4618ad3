"""The sound of an edited video: that of its stretches, cut, turned round and retimed as the pictures are."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from whenabouts.video.edit.pieces import Piece, Pieces, length
from whenabouts.video.sound import sound_between

__all__ = ["EditedSound", "edited_sound"]

TURNED = 30  # seconds of sound that are held to be turned round

Block = NDArray[np.float32]


class EditedSound:
    """Stereo samples of stretches of files, end to end, the first at time 0; silence where a file has no sound.

    A stretch that is faster sounds higher, and a slower one lower. Little is held at a time: of a stretch that is shown
    backwards `TURNED` seconds, 12 MB.
    """

    rate, layout = 48_000, "stereo"

    def __init__(self, pieces: Pieces) -> None:
        self._given = 0
        self._count = round(length(pieces) * self.rate)
        self._blocks = self._read(pieces)

    def close(self) -> None:
        """Close the file that is being read."""
        self._blocks.close()

    def until(self, time: Fraction | None) -> Iterator[AudioFrame]:
        """Further samples, as far as needed to reach `time` seconds; all that is left for None."""
        goal = self._count if time is None else min(self._count, round(time * self.rate))
        while self._given < goal:
            block = next(self._blocks, None)
            if block is None:
                return
            frame = _frame(block, self.rate, self.layout)
            frame.pts, frame.time_base = self._given, Fraction(1, self.rate)
            self._given += block.shape[1]
            yield frame

    def _read(self, pieces: Pieces) -> Generator[Block, None, None]:
        at = Fraction(0)
        done = 0
        for piece in pieces:
            at += piece.length
            goal = round(at * self.rate)
            for block in self._resampled(piece):
                part = np.ascontiguousarray(block[:, : goal - done])
                done += part.shape[1]
                if part.shape[1]:
                    yield part
                if done == goal:
                    break
            while done < goal:
                silence = np.zeros((2, min(goal - done, self.rate)), np.float32)
                done += silence.shape[1]
                yield silence

    def _resampled(self, piece: Piece) -> Iterator[Block]:
        resampler = AudioResampler(format="fltp", layout=self.layout, rate=self.rate)
        heard = False
        for frame in _backwards(piece) if piece.backward else _straight(piece, piece.start, piece.end):
            frame.sample_rate = max(1, round(frame.sample_rate * piece.speed))
            frame.pts = None
            heard = True
            for ready in resampler.resample(frame):
                yield ready.to_ndarray().astype(np.float32, copy=False)
        if heard:
            for ready in resampler.resample(None):
                yield ready.to_ndarray().astype(np.float32, copy=False)


def edited_sound(pieces: Pieces) -> EditedSound | None:
    """The sound of stretches of files; None where none of these files has any."""
    return EditedSound(pieces) if any(piece.video.probe.has_audio for piece in pieces) else None


def _straight(piece: Piece, start: Fraction, end: Fraction) -> Iterator[AudioFrame]:
    if not piece.video.probe.has_audio:
        return
    video = piece.video
    sound = sound_between(video.path, video.limits, video.failures, Fraction(video.probe.start_time), (start, end))
    if sound is None:
        return
    try:
        yield from sound.until(None)
    finally:
        sound.close()


def _backwards(piece: Piece) -> Iterator[AudioFrame]:
    """The same from the end on, a stretch at a time; what a track lacks at its end is silence."""
    end = piece.end
    while end > piece.start:
        start = max(piece.start, end - TURNED)
        frames = list(_straight(piece, start, end))
        if frames:
            rate, layout = frames[0].sample_rate, frames[0].layout.name
            samples = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
            lacking = max(0, round((end - start) * rate) - samples.shape[1])
            turned = np.pad(samples, ((0, 0), (0, lacking)))[:, ::-1]
            yield _frame(np.ascontiguousarray(turned), rate, layout)
        end = start


def _frame(block: Block, rate: int, layout: str) -> AudioFrame:
    frame = AudioFrame.from_ndarray(block, format="fltp", layout=layout)
    frame.sample_rate = rate
    return frame
