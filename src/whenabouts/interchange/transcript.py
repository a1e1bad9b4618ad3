"""`Transcript`: what is said in a video as paragraphs with their timecode, and the moments of answers among them.

A paragraph ends where somebody else speaks, in a pause, or after a while. Speakers are known where lines name them
("ANNA: Good morning", as subtitles and captions do).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from whenabouts.evidence import TimedText
from whenabouts.evidence.speakers import speakers
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction

__all__ = ["Mark", "Paragraph", "Run", "Transcript", "transcript"]

PAUSE = 2.0  # seconds without a word that end a paragraph
LONGEST = 60.0  # seconds of a paragraph, after which its next line begins another


@dataclass(frozen=True, slots=True)
class Run:
    """A line, and whether a moment lies on it."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What one speaker says. `timecode` is of the first word; `speaker` is empty where nobody is named."""

    start: float
    timecode: str
    speaker: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment, at its place among the paragraphs; `timecode` is of its two ends."""

    start: float
    timecode: tuple[str, str]
    query: str
    score: float

    @property
    def text(self) -> str:
        """The moment in one line."""
        begin, end = self.timecode
        return f"{self.query}: {begin} – {end} ({self.score:.2f})"


@dataclass(frozen=True, slots=True)
class Transcript:
    """Paragraphs and moments in order of time."""

    title: str
    facts: str
    parts: tuple[Paragraph | Mark, ...]


def transcript(timeline: Timeline, lines: Sequence[TimedText], answers: Sequence[Prediction] = ()) -> Transcript:
    """The lines as paragraphs, with the moments of answers; a line whose middle lies in one is marked."""
    moments = [(moment, one_line(each.query)) for each in answers for moment in each.moments]
    name = timeline.rate.name

    def at(seconds: float) -> str:
        return name(timeline.source + timeline.rate.frame(seconds))

    paragraphs = _paragraphs(lines, [moment for moment, _ in moments])
    parts: list[Paragraph | Mark] = [Paragraph(start, at(start), who, runs) for start, who, runs in paragraphs]
    for moment, query in moments:
        first, end = (name(timeline.source + frame) for frame in timeline.span(moment))
        parts.append(Mark(moment.start, (first, end), query, moment.score))
    parts.sort(key=lambda part: (part.start, isinstance(part, Paragraph)))
    facts = f"{at(0.0)} – {at(timeline.duration)}, {timeline.rate} fps"
    return Transcript(one_line(timeline.name), facts, tuple(parts))


def _paragraphs(lines: Iterable[TimedText], moments: Sequence[Moment]) -> Iterator[tuple[float, str, tuple[Run, ...]]]:
    start, end, speaker, kind = 0.0, 0.0, "", ""
    runs: list[Run] = []
    ordered = sorted(lines, key=lambda line: (line.start, line.end))
    for line, (named, words) in zip(ordered, speakers(ordered), strict=True):
        other = (named and named != speaker) or line.kind != kind
        if runs and (other or line.start - end > PAUSE or line.start - start > LONGEST):
            yield start, speaker, tuple(runs)
            speaker = speaker if not other and line.start - end <= PAUSE else ""
            runs = []
        if not runs:
            start, kind = line.start, line.kind
        speaker = named or speaker
        middle = (line.start + line.end) / 2
        marked = any(moment.start <= middle < moment.end for moment in moments)
        runs.append(Run(one_line(words), marked))
        end = max(end, line.end)
    if runs:
        yield start, speaker, tuple(runs)
