"""Small things that are done with text and matches while a query is read."""

from __future__ import annotations

import re
from functools import lru_cache

from whenabouts.query.grammar import compiled

__all__ = ["ENDS", "group", "letters", "rewritten", "tidy"]

ENDS = " .!?。！？…¿¡,;:،、，؛"  # signs that end or divide a sentence


@lru_cache(maxsize=1 << 16)  # the sentences of a split are compared many times
def letters(text: str) -> str:
    """A text without case, signs and spaces."""
    return "".join(filter(str.isalnum, text.casefold()))


def tidy(text: str) -> str:
    """A text without needless space, and without signs at its ends."""
    return " ".join(text.split()).strip(ENDS)


def rewritten(text: str, rules: tuple[tuple[str, str], ...]) -> str:
    """A text after the first of the (pattern, replacement) rules that fits it."""
    for pattern, replacement in rules:
        if match := compiled(pattern).search(text):
            return tidy(text[: match.start()] + match.expand(replacement) + text[match.end() :])
    return text


def group(match: re.Match[str], name: str) -> str:
    """What a group holds, or its second form, with a 2 behind its name; "" if neither took part."""
    groups = match.groupdict()
    return groups.get(name) or groups.get(f"{name}2") or ""
