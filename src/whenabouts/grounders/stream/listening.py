"""Speech of a live stream -> lines, some seconds after they are spoken.

Sound is cut into pieces at pauses, and at the quietest place where nobody pauses for long. A worker thread recognises
them one after another, so pictures go on meanwhile. Where it is slower than the stream, the oldest pieces that wait are
dropped, and counted. What is held: one piece that grows, those that wait, and the one that is listened to.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from importlib.util import find_spec
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from whenabouts.errors import InputError, MissingExtra
from whenabouts.evidence.speech.pieces import quietest
from whenabouts.evidence.speech.recogniser import SpeechRecogniser
from whenabouts.evidence.timed_text import TimedText
from whenabouts.video.live.arrival import Sound
from whenabouts.video.samples import RATE, Samples

__all__ = ["Listener", "Piece", "Pieces"]

BLOCK = RATE // 10  # samples whose loudness is told apart
APART = 0.05  # seconds between two chunks that are not one sound
SILENT = 0.001  # loudness (RMS) below which nothing is heard
FAINT = 0.1  # of the loudest, from which a pause is told
MARGIN = 3  # silent blocks that are kept before what may come
LAST = 60.0  # seconds that the last piece may take
WAITING = 4  # pieces that may wait for the worker


class Piece(NamedTuple):
    """Sound that begins at `start` seconds on the clock of the stream."""

    start: float
    samples: Samples


class Pieces:
    """Cuts chunks of sound into pieces of at most `longest` seconds, at pauses of `pause` seconds where there are."""

    def __init__(self, longest: float = 8.0, pause: float = 0.5) -> None:
        self.longest, self.pause = longest, pause
        self._start = 0.0
        self._held: Samples = np.zeros(0, np.float32)

    def push(self, sound: Sound) -> list[Piece]:
        """The pieces that are complete by this chunk; a hole in the sound ends one as well."""
        done = []
        if len(self._held) and abs(sound.time - self._end) > APART:
            done += self.rest()
        if not len(self._held):
            self._start = sound.time
        samples = np.nan_to_num(np.asarray(sound.samples, dtype=np.float32))
        self._held = np.concatenate([self._held, samples])
        most = round(self.longest * RATE)
        while len(self._held) > most:
            done += self._cut(quietest(self._held[:most]))
        loud = self._loudness()
        if not len(loud):
            return done
        if loud.max() < SILENT:
            self._drop(max(0, len(loud) - MARGIN) * BLOCK)
            return done
        faint = loud < max(SILENT, FAINT * float(loud.max()))
        quiet = round(self.pause * RATE / BLOCK)
        if len(loud) > quiet and faint[-quiet:].all():
            done += self._cut(len(loud) * BLOCK - quiet * BLOCK // 2)
        return done

    def rest(self) -> list[Piece]:
        """What is left, at the end or where the sound breaks off."""
        return self._cut(len(self._held))

    @property
    def _end(self) -> float:
        return self._start + len(self._held) / RATE

    def _loudness(self) -> Samples:
        whole = len(self._held) // BLOCK * BLOCK
        loud: Samples = np.sqrt(np.square(self._held[:whole].reshape(-1, BLOCK)).mean(axis=1))
        return loud

    def _cut(self, at: int) -> list[Piece]:
        piece = Piece(self._start, self._held[:at])
        self._drop(at)
        return [piece] if len(piece.samples) and float(np.abs(piece.samples).max()) >= SILENT else []

    def _drop(self, count: int) -> None:
        self._held = self._held[count:].copy()
        self._start += count / RATE


class Listener:
    """Recognises the speech of a stream in a thread of its own.

    recogniser: with its model, which is loaded when somebody speaks for the first time
    longest:    seconds of a piece at most, so a line comes so long after its first word, and what recognition takes
    pause:      seconds of quiet that end a piece
    drops:      whether pieces are dropped that wait too long; else `push` waits, for a file that need not go on

    `dropped` and `dropped_seconds` count what was not listened to. Raises MissingExtra, InputError.
    """

    def __init__(
        self,
        recogniser: SpeechRecogniser | None = None,
        *,
        longest: float = 8.0,
        pause: float = 0.5,
        drops: bool = True,
    ) -> None:
        if not (0 < pause < longest < math.inf and longest >= 1):
            raise InputError(f"a piece of sound lasts 1 s or more, and longer than a pause; got {longest} and {pause}")
        if find_spec("faster_whisper") is None:
            raise MissingExtra("speech", "speech recognition")
        self.recogniser = recogniser or SpeechRecogniser()
        self.drops = drops
        self.dropped, self.dropped_seconds = 0, 0.0
        self._pieces = Pieces(longest, pause)
        self._changed = threading.Condition()
        self._waiting: deque[Piece] = deque()
        self._lines: list[TimedText] = []
        self._error: Exception | None = None
        self._language: str | None = None
        self._busy = self._closed = False
        self._worker: threading.Thread | None = None

    def push(self, sound: Sound) -> list[TimedText]:
        """Take in sound; the lines that were recognised by now. Raises what recognition failed with."""
        return self._give(self._pieces.push(sound))

    def lost(self, wait: float = 10.0) -> list[TimedText]:
        """The sound breaks off here: all lines that are recognised within `wait` seconds, on the wall."""
        lines = self._give(self._pieces.rest())
        with self._changed:
            self._changed.wait_for(lambda: not (self._waiting or self._busy) or self._closed, wait)
        return lines + self._ready()

    def close(self) -> None:
        """End the thread after the piece that it listens to; what waits is not listened to."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        if self._worker is not None:
            self._worker.join(LAST)  # a process that ends while its engine works is aborted

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _give(self, pieces: list[Piece]) -> list[TimedText]:
        """Let pieces wait for the worker."""
        with self._changed:
            for piece in pieces:
                if not self.drops:
                    self._changed.wait_for(lambda: len(self._waiting) < WAITING or self._closed)
                if self._closed:
                    break
                if len(self._waiting) >= WAITING:
                    late = self._waiting.popleft()
                    self.dropped += 1
                    self.dropped_seconds += len(late.samples) / RATE
                self._waiting.append(piece)
                self._changed.notify_all()
            if self._waiting and self._worker is None and not self._closed:
                self._worker = threading.Thread(target=self._work, name="speech", daemon=True)
                self._worker.start()
        return self._ready()

    def _ready(self) -> list[TimedText]:
        with self._changed:
            lines, self._lines = self._lines, []
            error, self._error = self._error, None
        if error is not None:
            raise error
        return lines

    def _work(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                piece, self._busy = self._waiting.popleft(), True
            try:
                words = self.recogniser.heard(piece.samples, piece.start, self._language)
                lines = self.recogniser.lines(words)
            except Exception as error:  # told to whoever pushes; the next piece may be better
                with self._changed:
                    self._error = error
                continue
            if words:
                self._language = words[-1].language
            with self._changed:
                self._lines += lines
