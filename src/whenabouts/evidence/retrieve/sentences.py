"""Lines of text joined to sentences: what is matched with a query."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from whenabouts.evidence.kinds import KINDS, WordKind
from whenabouts.evidence.timed_text import TimedText

__all__ = ["sentences"]

PAUSE = 1.0  # seconds; a longer silence ends a sentence
MAX_SENTENCE_SECONDS = 15.0
MAX_SENTENCE_WORDS = 40  # for captions without punctuation
FULL_STOP = re.compile(r"[.!?…。！？♪][\"'”’»)\]]*$|^[\[(（【][^\])）】]*[\])）】]$")  # or a sound: "[Applause]"


def sentences(lines: Sequence[TimedText]) -> list[TimedText]:
    """Join neighbouring lines of one source that form one sentence; lines of kinds that stand alone stay as they are.

    A line goes on in the next when it does not end a sentence, the next begins within a second, and the whole stays
    under 15 s and 40 words.
    """
    joined = [line for line in lines if not _continuous(line.kind)]
    speech = sorted(
        (line for line in lines if _continuous(line.kind)),
        key=lambda line: (line.kind, line.source, line.start, line.end),
    )
    for _, run in groupby(speech, key=lambda line: (line.kind, line.source)):
        open_: TimedText | None = None
        for line in run:
            if open_ is not None and _goes_on(open_, line):
                text, end = f"{open_.text} {line.text}", max(open_.end, line.end)
                open_ = TimedText(open_.start, end, text, line.kind, line.source)
                continue
            if open_ is not None:
                joined.append(open_)
            open_ = line
        if open_ is not None:
            joined.append(open_)
    return sorted(joined, key=lambda line: (line.start, line.end))


def _continuous(kind: str) -> bool:
    """Whether lines of this kind run on; a kind that is not installed any more stands alone."""
    known = KINDS[kind] if kind in KINDS.usable() else None
    return known is not None and issubclass(known, WordKind) and known.continuous


def _goes_on(before: TimedText, line: TimedText) -> bool:
    return (
        not FULL_STOP.search(before.text)
        and not line.text.startswith(("-", "–", "—", "[", "(", "♪", ">>"))  # another speaker, or a sound
        and -0.1 <= line.start - before.end <= PAUSE
        and line.end - before.start <= MAX_SENTENCE_SECONDS
        and len(before.text.split()) + len(line.text.split()) <= MAX_SENTENCE_WORDS
    )
