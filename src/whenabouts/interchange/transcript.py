"""`Transcript`: what is said in a video as paragraphs with their timecode, and the moments of answers among them.

A paragraph ends where somebody else speaks, in a pause, or after a while. Speakers are known where lines name them,
by the rule of `evidence.speakers` ("ANNA: Good morning", as subtitles and captions do).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """A line, and whether it is said in a moment."""

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
    """The lines as paragraphs, with the moments of answers.

    A line is marked whose middle lies in a moment, or in which the middle of a moment lies. A moment stands before the
    paragraph of its first such line, and by its own start where nothing is said.
    """
    name = timeline.rate.name

    def at(seconds: float) -> str:
        return name(timeline.source + timeline.rate.frame(seconds))

    ordered = sorted(lines, key=lambda line: (line.start, line.end))
    starts, ends = (np.array([getattr(line, side) for line in ordered]) for side in ("start", "end"))
    moments = [(moment, one_line(each.query)) for each in answers for moment in each.moments]
    said = [_said_in(moment, starts, ends) for moment, _ in moments]
    paragraphs = list(_paragraphs(ordered, {number for numbers in said for number in numbers}))
    begins = [start for start, _, runs in paragraphs for _ in runs]  # of the paragraph of each line

    placed: list[tuple[float, bool, Paragraph | Mark]] = []
    for start, who, runs in paragraphs:
        placed.append((start, True, Paragraph(start, at(start), who, runs)))
    for (moment, query), numbers in zip(moments, said, strict=True):
        first, end = (name(timeline.source + frame) for frame in timeline.span(moment))
        place = min([moment.start, *(begins[number] for number in numbers[:1])])
        placed.append((place, False, Mark(moment.start, (first, end), query, moment.score)))
    placed.sort(key=lambda row: (row[0], row[1], row[2].start))
    facts = f"{at(0.0)} – {at(timeline.duration)}, {timeline.rate} fps"
    return Transcript(one_line(timeline.name), facts, tuple(part for *_, part in placed))


def _said_in(moment: Moment, starts: NDArray[np.float64], ends: NDArray[np.float64]) -> list[int]:
    """The numbers of the lines that are said in a moment; a line may be longer than it, or much shorter."""
    lines, middle = (starts + ends) / 2, (moment.start + moment.end) / 2
    within = (moment.start <= lines) & (lines < moment.end)
    around = (starts <= middle) & (middle < ends)
    return np.flatnonzero(within | around).tolist()


def _paragraphs(ordered: Sequence[TimedText], marked: Set[int]) -> Iterator[tuple[float, str, tuple[Run, ...]]]:
    start, end, speaker, kind = 0.0, 0.0, "", ""
    runs: list[Run] = []
    for number, (line, (named, words)) in enumerate(zip(ordered, speakers(ordered), strict=True)):
        other = (named and named != speaker) or line.kind != kind
        if runs and (other or line.start - end > PAUSE or line.start - start > LONGEST):
            yield start, speaker, tuple(runs)
            speaker = speaker if not other and line.start - end <= PAUSE else ""
            runs = []
        if not runs:
            start, kind = line.start, line.kind
        speaker = named or speaker
        runs.append(Run(one_line(words), number in marked))
        end = max(end, line.end)
    if runs:
        yield start, speaker, tuple(runs)
