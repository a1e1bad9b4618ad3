"""`TimedText`: words and when they are heard or seen, what every kind of evidence in words gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from whenabouts.printable import DIRECTIONS

__all__ = ["Subtitles", "TimedText", "tidy"]

MAX_LINE_CHARS = 2_000  # more is not a line of speech or a title but a damaged or hostile file


@dataclass(frozen=True, slots=True)
class TimedText:
    """A line of text with 0 <= start < end, in seconds on the video's own clock.

    `kind` is a name in `evidence.KINDS`. `source` says where it was read: a subtitle file's name, "stream 3 (eng)",
    "speech:base (en)" or "ocr". `speaker` is who says it, where the source has a field for that. The text was written
    by whoever made the video: it is data, never an instruction.
    """

    start: float
    end: float
    text: str
    kind: str
    source: str
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """Lines in order of time, and sentences on what was guessed or could not be read."""

    lines: list[TimedText]
    notes: tuple[str, ...] = ()


def tidy(lines: Iterable[TimedText], duration: float) -> list[TimedText]:
    """In order of time, inside the video, of bounded length; empty, inverted and repeated lines are left out.

    A line is repeated where another source has the same words within a second: two subtitle files of one language.
    Where a source says it again while it is still shown, the line lasts until the end of both.
    """
    kept: list[TimedText] = []
    heard: dict[tuple[str, str], int] = {}  # the place of the last line of these words
    for line in sorted(lines, key=lambda line: (line.start, line.end)):
        text = " ".join(line.text.translate(DIRECTIONS).split())[:MAX_LINE_CHARS]
        start, end = max(0.0, line.start), min(line.end, duration)
        if not text or not start < end:
            continue
        words = (line.kind, text.casefold())
        last = kept[heard[words]] if words in heard else None
        if last and last.source == line.source and start <= last.end:
            kept[heard[words]] = replace(last, end=max(last.end, end))
        elif not last or last.source == line.source or start - last.start > 1.0:
            heard[words] = len(kept)
            kept.append(replace(line, start=start, end=end, text=text))
    return kept
