"""What a reader says is believed only where the transcript bears it out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders.reader.answers import Claim
from whenabouts.grounders.reader.reading import Reading

__all__ = ["checked", "plain"]

MAX_LINES = 4  # of a reading; of more, only those that the quote stands in are kept
MIN_QUOTE = 6  # bytes of UTF-8: six letters or two Chinese characters; a shorter quote is nearly everywhere


def checked(claim: Claim, lines: Sequence[TimedText], window: range) -> Reading | None:
    """The reading that a claim makes of a transcript, numbered from 1, or None.

    Every number must be of a line in the `window` of indices that was shown, and the quote must stand in these lines,
    whatever the case, spaces and punctuation. A quote that is very short must be a whole line.
    """
    indices = sorted({number - 1 for number in claim.numbers})
    quote = plain(claim.quote)
    if not indices or not quote or not all(index in window for index in indices):
        return None
    for run in _runs(indices):
        texts = [plain(lines[i].text) for i in run]
        at = "".join(texts).find(quote)
        if at < 0 or (len(quote.encode()) < MIN_QUOTE and quote not in texts):
            continue
        if len(run) < len(indices) or len(run) > MAX_LINES:
            run = _touched(run, texts, at, at + len(quote))  # noqa: PLW2901
        return Reading(tuple(lines[i] for i in run), claim.quote)
    return None


def plain(text: str) -> str:
    """Letters and digits alone, in one form and one case.

    >>> plain("Ｉt’s “fine”, OK?")
    'itsfineok'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _runs(indices: Sequence[int]) -> list[list[int]]:
    """Groups of neighbours."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _touched(run: Sequence[int], texts: Sequence[str], start: int, end: int) -> list[int]:
    """The lines of a run that the characters from `start` to `end` of its joined texts lie in."""
    found, at = [], 0
    for index, text in zip(run, texts, strict=True):
        if at < end and start < at + len(text):
            found.append(index)
        at += len(text)
    return found
