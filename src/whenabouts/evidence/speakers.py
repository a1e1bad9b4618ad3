"""Who speaks in the lines of a transcript: a voice tag (`<v Anna>`) or the words themselves ("ANNA: Hello.") name them.

A name before a colon is one where it is all in capitals, or stands before several lines; "Remember: never" is speech.
Dashes begin the words of somebody else, who is not named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from whenabouts.evidence.timed_text import TimedText

__all__ = ["speakers"]

BEFORE = r"(?:[-\u2013\u2014>\u00bb\u226b]{1,3}\s*)?"  # marks of closed captions, and dashes
NAMED = re.compile(rf"{BEFORE}(?P<name>[^\W\d_][\w.'\u2019 \-]{{0,38}}?)\s?[:\uff1a]\s+(?=\S)")
MAX_WORDS = 4  # of a name
FEWEST = 2  # lines before which a name that is not in capitals stands


def speakers(lines: Sequence[TimedText]) -> list[tuple[str, str]]:
    """For each line who says it, "" where nobody is named, and its words without the name.

    >>> texts = ["ANNA: Hello.", "Remember: never."]
    >>> speakers([TimedText(at, at + 1, text, "said", "a.srt") for at, text in enumerate(texts)])
    [('ANNA', 'Hello.'), ('', 'Remember: never.')]
    """
    written = [_named(line) for line in lines]
    known = Counter(name for name, _ in written)
    return [
        (line.speaker, line.text)
        if line.speaker
        else (name, words)
        if name and (name.isupper() or known[name] >= FEWEST)
        else ("", line.text)
        for line, (name, words) in zip(lines, written, strict=True)
    ]


def _named(line: TimedText) -> tuple[str, str]:
    """The name that a line may begin with, and the words after it."""
    found = NAMED.match(line.text) if line.kind == "said" and not line.speaker else None
    if found is None or not _is_name(found["name"]):
        return "", line.text
    return found["name"], line.text[found.end() :]


def _is_name(text: str) -> bool:
    """Whether each word begins as names do: in capitals, with a number, or in a script without capitals."""
    words = text.split()
    return len(words) <= MAX_WORDS and all(not word[0].islower() for word in words)
