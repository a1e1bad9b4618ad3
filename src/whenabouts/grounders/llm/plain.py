"""Times in other words: spelt numbers and milliseconds as plain seconds, comings and goings as starts and ends."""

from __future__ import annotations

import re

__all__ = ["in_digits", "in_starts_and_ends"]

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
ONES += " seventeen eighteen nineteen"
SMALL = {word: number for number, word in enumerate(ONES.split())}
TENS = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)  # noqa: SIM905
}
SPELT = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(TENS)})(?:[\s-](?P<ones>{'|'.join(list(SMALL)[1:10])}))?|(?P<small>{'|'.join(SMALL)}))\b",
    re.IGNORECASE,
)
MILLI = r"\s{0,2}(?:ms|msecs?|milliseconds?)\b"
AMOUNT = r"(?<![\w.])\d{1,9}(?:\.\d{1,9})?"
FIRST = re.compile(rf"(?P<amount>{AMOUNT})(?=\s{{0,2}}(?:-|–|to|and|until)\s{{0,2}}{AMOUNT.split(')', 1)[1]}{MILLI})")
MILLISECONDS = re.compile(rf"(?P<amount>{AMOUNT}){MILLI}", re.IGNORECASE)
COMES = re.compile(r"\b(?:appears?|emerges?|enters?|shows up|comes in|becomes visible)\b", re.IGNORECASE)
GOES = re.compile(r"\b(?:disappears?|vanish(?:es)?|leaves?|goes away|is gone)\b", re.IGNORECASE)


def in_digits(text: str) -> str:
    """A text with its numbers in digits and its milliseconds in seconds.

    >>> in_digits("From eight to twenty-six seconds"), in_digits("8000 - 14000 ms")
    ('From 8 to 26 seconds', '8 s - 14 s')
    """
    text = SPELT.sub(_number, text)
    return MILLISECONDS.sub(_seconds, FIRST.sub(_seconds, text))


def in_starts_and_ends(text: str) -> str:
    """A text in which what appears starts, and what disappears ends.

    >>> in_starts_and_ends("It appears at 8 s and disappears at 14 s.")
    'It starts at 8 s and ends at 14 s.'
    """
    return GOES.sub("ends", COMES.sub("starts", text))


def _number(found: re.Match[str]) -> str:
    if found["small"]:
        return str(SMALL[found["small"].lower()])
    return str(TENS[found["tens"].lower()] + (SMALL[found["ones"].lower()] if found["ones"] else 0))


def _seconds(found: re.Match[str]) -> str:
    return f"{float(found['amount']) / 1000:g} s"
