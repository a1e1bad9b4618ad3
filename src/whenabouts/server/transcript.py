"""A transcript in pages, and the lines of it that hold some words, with the lines around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from whenabouts.evidence import TimedText
from whenabouts.server.views import TextView

__all__ = ["Page", "matching", "page_of", "with_context"]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a transcript.

    lines: each with its number among all lines, and whether the words that were searched for are in it
    total: lines of all pages together        hits: lines that a search found, on all pages; None without one
    next:  the offset of the next page; None on the last
    """

    lines: tuple[tuple[int, TimedText, bool], ...]
    total: int
    hits: int | None
    next: int | None


def page_of(lines: Sequence[TimedText], view: TextView) -> Page:
    """The lines that a view asks for."""
    hits = None if view.search is None else matching(lines, view.search)
    numbers = list(range(len(lines))) if hits is None else with_context(hits, view.context, len(lines))
    after, found = view.offset + view.limit, set(hits or ())
    return Page(
        tuple((number, lines[number], number in found) for number in numbers[view.offset : after]),
        len(numbers),
        None if hits is None else len(hits),
        after if after < len(numbers) else None,
    )


def matching(lines: Sequence[TimedText], words: str) -> list[int]:
    """The numbers of the lines that hold the words one after another, also from one line into the next.

    Capitals, punctuation and the width of letters do not matter, and a word may go on: "harbour" is in "harbours".
    Where no lines hold the words in their order, those that hold all of them in any are given.
    """
    sought = _plain(words).split()
    if not sought:
        return []
    patterns = [_begins(word) for word in sought]
    phrase = re.compile(r"\w*\s+".join(patterns))
    texts = [_plain(line.text) for line in lines]
    found: set[int] = set()
    for kind in {line.kind for line in lines}:  # what is said does not go on in what is written
        numbers = [number for number, line in enumerate(lines) if line.kind == kind]
        found |= _across(numbers, [texts[number] for number in numbers], phrase)
    every = [re.compile(pattern) for pattern in patterns]
    return sorted(found) or [n for n, text in enumerate(texts) if all(each.search(text) for each in every)]


def with_context(hits: Sequence[int], context: int, count: int) -> list[int]:
    """The numbers of the hits and of `context` lines before and after each, of `count` lines.

    >>> with_context([1, 8], 1, 9)
    [0, 1, 2, 7, 8]
    """
    around = {number for hit in hits for number in range(hit - context, hit + context + 1)}
    return sorted(number for number in around if 0 <= number < count)


def _plain(text: str) -> str:
    """Letters and digits in lower case, with single spaces between the words."""
    folded = unicodedata.normalize("NFKC", text.replace("’", "'")).casefold().replace("i\u0307", "i")  # İ is an i
    return " ".join(re.findall(r"[\w']+", folded))


def _begins(word: str) -> str:
    """A pattern for a word at its beginning; scripts that are written without spaces have it anywhere."""
    return rf"(?<!\w){re.escape(word)}" if word[0].isascii() else re.escape(word)


def _across(numbers: Sequence[int], texts: Sequence[str], phrase: re.Pattern[str]) -> set[int]:
    """The numbers of the lines that a phrase touches in their running text."""
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
    found = set()
    for match in phrase.finditer(" ".join(texts)):
        found |= {
            number
            for number, start, end in zip(numbers, starts, starts[1:], strict=False)
            if start < match.end() and match.start() < end - 1
        }
    return found
