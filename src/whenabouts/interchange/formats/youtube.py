"""Chapters in the description of a video on YouTube: lines of a time and a title.

YouTube shows them if the first stands at 0:00, there are three or more, and each lasts ten seconds or more. So moments
that begin within ten seconds of one another share a chapter, and a chapter lasts until the next begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from whenabouts.errors import AnnotationError
from whenabouts.files.records import read_text
from whenabouts.interchange.formats.cues import cues
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "notes", "read", "write"]

SHORTEST = 10  # seconds of a chapter
FEWEST = 3
OPENING = "Start"
MAX_DESCRIPTION_CHARS = 5000
ANGLES = str.maketrans("<>", "\u2039\u203a")  # a description may not have angle brackets
LINE = re.compile(r"\s*(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-5][0-9])\s+(?:[-\u2013\u2014]\s+)?(\S.*?)\s*")


@dataclass(slots=True)
class Chapter:
    """A chapter from a second on, with the titles of the moments in it, and whether any of them begins later."""

    second: int
    titles: list[str] = field(default_factory=list)
    shared: bool = False

    @property
    def line(self) -> str:
        """Its line in the description."""
        minutes, second = divmod(self.second, 60)
        hours, minute = divmod(minutes, 60)
        time = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
        return f"{time} {' / '.join(self.titles) or OPENING}"


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """A line for each chapter."""
    return "".join(f"{chapter.line}\n" for chapter in _chapters(predictions, timeline))


def notes(predictions: Sequence[Prediction], timeline: Timeline) -> list[str]:
    """What was added and merged, and whether YouTube shows the chapters at all."""
    chapters = _chapters(predictions, timeline)
    found = sum(len(each.moments) for each in predictions)
    told = []
    if chapters and not chapters[0].titles:
        told.append(f"the chapter “{chapters[0].line}” was added, since YouTube wants one there")
    if shared := [f"“{chapter.line}”" for chapter in chapters if chapter.shared]:
        told.append(
            f"{found} moments became {sum(bool(chapter.titles) for chapter in chapters)} chapters, since each lasts at "
            f"least {SHORTEST} seconds; moments that begin later or share a chapter are in {', '.join(shared)}"
        )
    if found and len(chapters) < FEWEST:
        told.append(f"YouTube shows chapters from {FEWEST} on, and these are {len(chapters)}")
    if len(write(predictions, timeline)) > MAX_DESCRIPTION_CHARS:
        told.append(f"they are longer than the {MAX_DESCRIPTION_CHARS} characters of a description")
    return told


def read(path: Path, timeline: Timeline | None = None) -> list[Marked]:
    """The chapters among the lines of a description; each lasts until the next, the last until the end of the video.

    Lines without a time are skipped. Raises AnnotationError.
    """
    assert timeline is not None  # `FORMAT` requires it
    starts = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if found := LINE.fullmatch(line):
            hours, minutes, seconds, title = found.groups()
            starts.append((number, int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds), title))
    if not starts:
        raise AnnotationError(f"{path} has no chapters: lines of a time and a title, as in 1:30 a dog")
    ends = [*(second for _, second, _ in starts[1:]), timeline.duration]
    return gathered(
        (None, title, moment_at(f"{path}, line {number}", float(second), float(end)))
        for (number, second, title), end in zip(starts, ends, strict=True)
    )


def _chapters(predictions: Sequence[Prediction], timeline: Timeline) -> list[Chapter]:
    """The chapters from 0:00 on, none of them shorter than YouTube allows; none without a moment."""
    chapters = [Chapter(0)]
    for cue in cues(predictions):
        second = int(cue.moment.start)
        last = chapters[-1]
        if second - last.second >= SHORTEST and timeline.duration - second >= SHORTEST:
            chapters.append(last := Chapter(second))
        last.shared |= second > last.second or bool(last.titles)
        title = cue.query.translate(ANGLES)
        if title not in last.titles:
            last.titles.append(title)
    return chapters if any(chapter.titles for chapter in chapters) else []


FORMAT = Format(
    ".chapters.txt",
    "YouTube: chapters for the description",
    "whole seconds",
    write,
    read,
    timeline=True,
    notes=notes,
    group="watching",
)
