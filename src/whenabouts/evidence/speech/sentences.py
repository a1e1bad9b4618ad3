"""Words and when they are said -> one line a sentence.

A sentence ends at its full stop, at a pause, or where the language changes; one that goes on for too long is cut at its
longest pauses and commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["MAX_SECONDS", "PAUSE", "Word", "sentence_text", "sentences"]

PAUSE = 0.8  # seconds of silence that end a sentence
MAX_SECONDS = 15.0
COMMA_SECONDS = 0.3  # a comma counts like so much more silence where a long sentence must be cut
CLOSING = "[\"'”’»)\\]」』]*$"
FULL_STOP = re.compile(rf"[.!?…。！？؟।]{CLOSING}")
ONLY_A_DOT = re.compile(rf"(?<![.!?])\.{CLOSING}")
COMMA = re.compile(rf"[,;:،、，；：–—]{CLOSING}")
ABBREVIATION = re.compile(r"(?:[A-HJ-Z]|(?i:mr|mrs|ms|dr|prof|st|vs|bzw|nr|sr|sra|mme))\.")

ORDINAL = re.compile(r"\d{1,2}\.")
ORDINALS_WITH_A_DOT = frozenset(["cs", "da", "de", "et", "fi", "hr", "hu", "lv", "nn", "no", "pl", "sk", "sl"])


class Word(NamedTuple):
    """A word as it was heard: seconds on the video's clock, the text with the space before it, an ISO 639 language."""

    start: float
    end: float
    text: str
    language: str


def sentences(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """Cut words in order of time into sentences; every word is in one of them, in order."""
    found: list[tuple[Word, ...]] = []
    first = 0
    for at in range(1, len(words) + 1):
        if at == len(words) or _ends(words[at - 1], words[at]):
            found += _shortened(tuple(words[first:at]))
            first = at
    return found


def sentence_text(words: Sequence[Word]) -> str:
    """The words as one line of text."""
    return " ".join("".join(word.text for word in words).split())


def _ends(word: Word, following: Word) -> bool:
    if following.start - word.end > PAUSE or following.language != word.language:
        return True
    text, then = word.text.strip(), following.text.strip()
    if not FULL_STOP.search(text):
        return False
    ordinal = word.language in ORDINALS_WITH_A_DOT and ORDINAL.fullmatch(text)
    goes_on = ordinal or ABBREVIATION.fullmatch(text) or then[:1].islower()
    return not (ONLY_A_DOT.search(text) and goes_on)


def _shortened(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """The sentence, cut at its best place and again while it lasts too long."""
    if len(words) < 2 or words[-1].end - words[0].start <= MAX_SECONDS:
        yield words
        return
    start, length = words[0].start, words[-1].end - words[0].start

    def silence(at: int) -> tuple[float, float]:
        before, after = words[at - 1], words[at]
        off_centre = abs((before.end + after.start) / 2 - start - length / 2) / length
        comma = COMMA_SECONDS if COMMA.search(before.text.strip()) else 0.0
        return (after.start - before.end + comma if off_centre < 0.4 else -1.0, -off_centre)

    cut = max(range(1, len(words)), key=silence)
    yield from _shortened(words[:cut])
    yield from _shortened(words[cut:])
