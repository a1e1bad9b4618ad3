"""Cues as lines of timed text: their words without markup, each given once, with notes on what was guessed or lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whenabouts.evidence.cues import Cue, Cues, unescaped, voices, without_drawings, without_tags
from whenabouts.evidence.timed_text import MAX_LINE_CHARS, Subtitles, TimedText

__all__ = ["MAX_BYTES", "MAX_LINES", "beyond", "lines_of"]

MAX_BYTES = 32 * 2**20  # a day of dense subtitles takes 3 MB
MAX_LINES = 200_000
Row = tuple[float, float, str, str]  # start, end, words, speaker
MAX_MARKUP = 4 * MAX_LINE_CHARS  # characters of a cue, with its markup, that are looked at


def lines_of(cues: Cues, source: str, name: str, guessed: str | None = None) -> Subtitles:
    """The lines of a file's or a track's cues, in seconds from 0 on, of kind "said".

    name:    of the file or the track, as notes call it
    guessed: the encoding, where it is a guess
    """
    kept = sorted(
        (cue for cue in cues.found if max(0.0, cue.start) < cue.end), key=lambda cue: (max(0.0, cue.start), cue.end)
    )
    rows = [
        (max(0.0, cue.start), cue.end, _words(cue, cues.events), _speaker(cue, cues.events)) for cue in kept[:MAX_LINES]
    ]
    cut = sum(
        len(words) > MAX_LINE_CHARS or len(cue.text) > MAX_MARKUP
        for cue, (_, _, words, _) in zip(kept, rows, strict=False)
    )
    lines = [TimedText(start, end, words, "said", source, speaker) for start, end, words, speaker in _unrolled(rows)]
    return Subtitles(lines, tuple(_notes(name, cues, len(kept), cut, guessed)))


def beyond(lines: list[TimedText], duration: float, name: str) -> tuple[str, ...]:
    """A note where lines begin after the end of the video."""
    late = sum(line.start >= duration for line in lines)
    if not late:
        return ()
    return (
        f"{name}: {late} of {len(lines)} subtitles begin after the end of the video, the first "
        f"subtitle at {lines[0].start:.1f} s: are they of another version, or is their clock another one?",
    )


def _notes(name: str, cues: Cues, kept: int, cut: int, guessed: str | None) -> Iterator[str]:
    count = len(cues.found) + len(cues.unreadable)
    if guessed == "utf-8":
        yield f"{name} is in UTF-8 but for some bytes, which are read as \ufffd"
    elif guessed:
        yield (
            f"{name} was read as {guessed}, which is a guess: where letters are wrong, say which encoding it is "
            "(subtitles_encoding), or save it as UTF-8"
        )
    if not guessed and (unread := sum("\ufffd" in cue.text for cue in cues.found)):
        yield (
            f"{name}: {unread} of {count} subtitles have letters that could not be read: is their encoding another one "
            "(subtitles_encoding)?"
        )
    if not count:
        yield f"{name} has no subtitles"
    if cues.unreadable:
        yield (
            f"{name}: {len(cues.unreadable)} of {count} subtitles have no readable times, the first in line "
            f"{cues.unreadable[0]}"
        )
    if kept < len(cues.found):
        yield (
            f"{name}: {len(cues.found) - kept} of {count} subtitles end before they begin, where they begin, or "
            "before the video does"
        )
    if cut:
        yield f"{name}: {cut} of {count} subtitles have more than {MAX_LINE_CHARS:,} characters: the rest was left out"
    if kept > MAX_LINES:
        yield f"{name} has more than {MAX_LINES:,} subtitles: those after them were left out"


def _words(cue: Cue, events: bool) -> str:
    import pysubs2  # most videos have no subtitles

    text = cue.text[:MAX_MARKUP]
    return unescaped(pysubs2.SSAEvent(text=without_drawings(text)).plaintext if events else without_tags(text))


def _speaker(cue: Cue, events: bool) -> str:
    return " ".join(cue.speaker.split()) if events else voices(cue.text[:MAX_MARKUP])


def _unrolled(rows: Iterable[Row]) -> list[Row]:
    """Captions that roll up repeat their last line as the next one's first: each is given once, when it is new.

    One that says nothing new lets the last line stay until its own end.
    """
    given: list[Row] = []
    before: list[str] = []
    shown_until = 0.0
    for start, end, text, speaker in rows:
        lines = [line for line in map(str.strip, text.splitlines()) if line]
        if not lines:
            continue
        fresh = lines
        if start <= shown_until + 0.1:
            for overlap in range(min(len(before), len(lines)), 0, -1):
                if before[-overlap:] == lines[:overlap]:
                    fresh = lines[overlap:]
                    break
        before, shown_until = lines, end
        if fresh:
            given.append((start, end, " ".join(fresh), speaker))
        else:
            last_start, last_end, words, who = given[-1]
            given[-1] = (last_start, max(last_end, end), words, who)
    return given
