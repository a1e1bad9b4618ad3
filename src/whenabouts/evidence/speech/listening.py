"""What a model hears in one piece of sound: where someone speaks, in which language, and which words, when.

A detector of voices (Silero's, which comes with faster-whisper) finds the spans of speech; spans near each other are
given to Whisper together, as a stretch that fits its window of 30 seconds. The language is found for each stretch. What
the model itself doubts, repeats or puts into silence is left out. Whisper's word times are good to a tenth of a second
inside speech but reach into the silence around it; there the edges of the spans, good to 0.04 s, take their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from whenabouts.evidence.speech.sentences import Word
from whenabouts.files.pinned import Pinned
from whenabouts.progress import Fraction
from whenabouts.video.samples import RATE, Samples

__all__ = ["Span", "believable", "in_speech", "listen", "stretches"]

WINDOW = 28.0  # seconds of a stretch at most; Whisper hears 30 at once
APART = 3.0  # seconds of silence that always end a stretch
MARGIN = 0.2  # seconds before and after a stretch that are heard too, so that no sound is cut
STRAY = 0.5  # seconds a word may lie outside of speech
SHORT = 2.0  # seconds; a shorter stretch is too little to tell its language from
SURE = 0.6  # probability below which a language is that of the stretch before
DOUBT = -1.0  # mean log probability below which a segment is not believed, and ...
SILENCE = 0.6  # ... probability of no speech above which it is not believed either
SQUASHED = 2.4  # zlib ratio of a text that only repeats itself; all three are Whisper's own thresholds
BEAM = 5  # candidates that the search keeps
TEMPERATURES = (0.0, 0.4)  # a second try where the first is doubted; more only cost time

DETECTOR = "silero_vad_v6.onnx"
PINNED = Pinned(
    "the detector of voices",
    "faster-whisper==1.2.1",
    "faster_whisper",
    {DETECTOR: "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"},
    within="assets",
)

Span = tuple[float, float]


class Segment(Protocol):
    """What faster-whisper says of one run of words."""

    @property
    def text(self) -> str: ...
    @property
    def avg_logprob(self) -> float: ...
    @property
    def compression_ratio(self) -> float: ...
    @property
    def no_speech_prob(self) -> float: ...


AnySegment = TypeVar("AnySegment", bound=Segment)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A segment with its words on the clock of the piece."""

    words: tuple[Word, ...]
    text: str
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float


def listen(
    whisper: Callable[[], Any], samples: Samples, language: str | None = None, progress: Fraction | None = None
) -> list[Word]:
    """The words of a piece, in order, in seconds from its start.

    `whisper` gives the model, and is called only where there is speech. `language` is that of the words before the
    piece. `progress` receives the fraction done.
    """
    spans = speech_spans(samples)
    if not spans:
        return []
    heard = _segments(whisper(), samples, stretches(spans), language, progress)
    words = [word for segment in believable(heard) for word in segment.words]
    return in_speech(words, spans)


def stretches(spans: Sequence[Span]) -> list[Span]:
    """Spans of speech joined to stretches of at most `WINDOW` seconds that have no long silence inside."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and end - joined[-1][0] <= WINDOW and start - joined[-1][1] <= APART:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def believable(segments: Iterable[AnySegment]) -> Iterator[AnySegment]:
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


def in_speech(words: Sequence[Word], spans: Sequence[Span]) -> list[Word]:
    """The words that lie in spans of speech, or near one; the first and last of a span take its edges.

    Both are in order of time; so is what is given, with 0 < duration of every word.
    """
    homes: dict[int, list[Word]] = {}
    for word in words:
        nearest = max(range(len(spans)), key=lambda i: _shared(word, spans[i]), default=None)
        if nearest is not None and _shared(word, spans[nearest]) > -STRAY:
            homes.setdefault(nearest, []).append(word)
    return [word for number in sorted(homes) for word in _fitted(homes[number], spans[number])]


def _shared(word: Word, span: Span) -> float:
    """Seconds that a word and a span share; negative where they lie apart."""
    return min(word.end, span[1]) - max(word.start, span[0])


def _fitted(words: Sequence[Word], span: Span) -> Iterator[Word]:
    """The words of one span inside it; a gap of less than `STRAY` between them and its edges is closed."""
    start, end = span
    at = start
    for number, word in enumerate(words):
        begins, ends = max(at, min(word.start, end)), min(word.end, end)
        if number == 0 and begins - start < STRAY:
            begins = start
        if number == len(words) - 1 and end - ends < STRAY:
            ends = end
        if begins < ends:
            at = ends
            yield word._replace(start=round(begins, 3), end=round(ends, 3))
        else:  # of no length: whatever it is, it is said here
            yield word._replace(start=round(at, 3), end=round(at, 3))


def speech_spans(samples: Samples) -> list[Span]:
    """Where someone speaks, in seconds."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    PINNED.file(DETECTOR)  # which is read below
    options = VadOptions(min_silence_duration_ms=150, speech_pad_ms=0, max_speech_duration_s=WINDOW)
    found = get_speech_timestamps(samples, options)
    return [(span["start"] / RATE, span["end"] / RATE) for span in found]


def _segments(
    whisper: Any,
    samples: Samples,
    parts: Sequence[Span],
    language: str | None,
    progress: Fraction | None,
) -> Iterator[_Heard]:
    for start, end in parts:
        first = max(0, round((start - MARGIN) * RATE))
        stretch = samples[first : round((end + MARGIN) * RATE)]
        segments, spoken = _transcribed(whisper, stretch, language if end - start < SHORT else None, language)
        for segment in segments:
            words = tuple(
                Word(first / RATE + float(word.start), first / RATE + float(word.end), word.word, spoken)
                for word in segment.words
            )
            doubts = segment.avg_logprob, segment.compression_ratio, segment.no_speech_prob
            yield _Heard(words, segment.text, *doubts)
            language = spoken  # only of speech that had words, so that music cannot decide
        if progress:
            progress(min(1.0, end * RATE / len(samples)))


def _transcribed(whisper: Any, samples: Samples, language: str | None, before: str | None) -> tuple[Iterable[Any], str]:
    """The segments of a stretch and its language: as told, else as found, else that of the stretch before."""
    segments, about = whisper.transcribe(
        samples,
        language=language,
        beam_size=BEAM,
        temperature=TEMPERATURES,
        word_timestamps=True,
        condition_on_previous_text=False,
        hallucination_silence_threshold=2.0,
    )
    if language is None and before is not None and about.language_probability < SURE and about.language != before:
        return _transcribed(whisper, samples, before, before)
    return segments, str(about.language)
