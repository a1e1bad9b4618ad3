"""What is said, for videos without subtitles: faster-whisper (Whisper, arXiv:2212.04356), guarded against inventions.

The sound comes in pieces of a few minutes, cut where it is quietest, so memory does not grow with the video. Silence is
filtered out before recognition, each piece starts without the text of the one before, and what the model itself doubts,
repeats or puts into silence is left out. Times are those of words, on the video's clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction as Exact
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.evidence.cache import remembered
from whenabouts.evidence.timed_text import TimedText, tidy
from whenabouts.progress import Fraction

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["SpeechRecogniser", "believable", "pieces", "sound"]

RATE = 16_000  # Hz, what Whisper hears
PIECE = 300.0  # seconds of sound in memory at once
QUIET_WITHIN = 30.0  # seconds before the end of a piece in which to look for the quietest place
DEFAULT = "small"
WEIGHTS = "model.bin"  # as CTranslate2 names them
DOUBT = -1.0  # mean log probability below which a segment is not believed, and ...
SILENCE = 0.6  # ... probability of no speech above which it is not believed either
SQUASHED = 2.4  # zlib ratio of a text that only repeats itself; all three are Whisper's own thresholds
FORMAT = 1  # raised when the same settings give other lines than before

Samples = NDArray[np.float32]


class Word(Protocol):
    """One word of a segment, in seconds from the start of the piece."""

    start: float
    end: float
    word: str


class Segment(Protocol):
    """What faster-whisper gives for one stretch of speech, in seconds from the start of the piece."""

    start: float
    end: float
    text: str
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float
    words: Sequence[Word] | None


class SpeechRecogniser:
    """Recognises speech with one model, which is loaded when it is first needed and then held.

    model:  a folder with a CTranslate2 model or the name of a published one, which is downloaded when it is not on this
            machine; None takes "small", and only where it already is
    device: "cpu", "cuda" or "cuda:1"; None, and every other, is a GPU where CTranslate2 can use one
    """

    def __init__(self, model: str | None = None, *, device: str | None = None) -> None:
        self.model, self.device = model, device

    def recognise(self, video: Video, *, cache: bool = True, progress: Fraction | None = None) -> list[TimedText]:
        """Every segment of speech, kind "said", in order of time.

        `progress` receives the fraction done. Raises MissingExtra without faster-whisper, ModelError when the model
        cannot be loaded, VideoError.
        """
        if find_spec("faster_whisper") is None:
            raise MissingExtra("speech", "speech recognition")
        name = Path(self.model or DEFAULT).name

        def compute() -> list[TimedText]:
            return tidy(_lines(video, self._whisper, f"speech:{name}", progress), video.duration)

        made_by = f"faster-whisper {version('faster-whisper')}"
        identity = _identity(self.model)
        return remembered(compute, cache=cache, video=video.sha256, model=identity, made_by=made_by, format=FORMAT)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights, once they are loaded."""
        return (self._folder / WEIGHTS).stat().st_size if "_whisper" in self.__dict__ else 0

    @cached_property
    def _whisper(self) -> Any:
        from faster_whisper import WhisperModel

        kind, _, number = (self.device or "").partition(":")
        device = {"device": kind, "device_index": int(number or 0)} if kind in {"cpu", "cuda"} else {"device": "auto"}
        with self._explained():
            return WhisperModel(str(self._folder), **device, compute_type="default", local_files_only=True)

    @cached_property
    def _folder(self) -> Path:
        """Where the weights lie on this machine, downloaded if need be."""
        from faster_whisper.utils import download_model

        given = Path(self.model or DEFAULT)
        if given.is_dir():
            return given
        with self._explained():
            return Path(download_model(str(self.model or DEFAULT), local_files_only=self.model is None))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # ctranslate2's RuntimeError, the hub's own, ValueError on an unknown name
            raise ModelError(
                f"the speech model {self.model or DEFAULT!r} cannot be loaded; give the folder of a CTranslate2 "
                "Whisper model, or a published name while there is a network"
            ) from error


def _lines(video: Video, whisper: Any, source: str, progress: Fraction | None) -> Iterator[TimedText]:
    language: str | None = None
    for offset, samples in pieces(sound(video)):
        segments, about = whisper.transcribe(
            samples,
            language=language,
            vad_filter=True,
            word_timestamps=True,
            condition_on_previous_text=False,
            hallucination_silence_threshold=2.0,
        )
        for segment in believable(segments):
            start = segment.words[0].start if segment.words else segment.start
            end = segment.words[-1].end if segment.words else segment.end
            yield TimedText(offset + start, offset + end, segment.text, "said", source)
            language = about.language  # the first piece with speech decides, so that music cannot
        if progress:
            progress(min(1.0, (offset + len(samples) / RATE) / video.duration))


def believable(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Leave out what a recogniser invents: doubted or repetitive text, text in silence, the same words a third time."""
    last, times = "", 0
    for segment in segments:
        words = segment.text.strip().casefold()
        times = times + 1 if words == last else 1
        last = words
        invented = segment.no_speech_prob > SILENCE and segment.avg_logprob < DOUBT / 2
        doubted = segment.avg_logprob < DOUBT or segment.compression_ratio > SQUASHED
        if words and times < 3 and not doubted and not invented:
            yield segment


def sound(video: Video) -> Iterator[Samples]:
    """The default sound as mono float32 at 16 kHz from media time 0 to the end, unbroken, in blocks."""
    from av.audio.resampler import AudioResampler

    from whenabouts.video.reader import Failures
    from whenabouts.video.sound import sound_between

    origin, span = Exact(video.probe.start_time), (Exact(0), Exact(video.duration))
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


def pieces(blocks: Iterable[Samples], *, seconds: float = PIECE) -> Iterator[tuple[float, Samples]]:
    """Cut a stream of samples into pieces of at most `seconds`, at quiet places: (start in seconds, samples)."""
    held: list[Samples] = []
    count = done = 0
    most = round(seconds * RATE)
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


def _identity(model: str | None) -> str:
    """Size and time of the weights of a local folder; the name of a published model."""
    weights = Path(model or DEFAULT) / WEIGHTS
    if not weights.is_file():
        return model or DEFAULT
    facts = weights.stat()
    return f"{weights.resolve()} {facts.st_size} {facts.st_mtime_ns}"
