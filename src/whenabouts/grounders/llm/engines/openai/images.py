"""How many images a server takes, out of what it says when they were too many."""

from __future__ import annotations

import re

__all__ = ["allowed", "refuses_number"]

VALUES = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
VALUES |= {"twelve": 12, "sixteen": 16, "twenty": 20}
NUMBER = rf"(?P<number>\d{{1,6}}|(?:{'|'.join(VALUES)})\b)(?![\d.]*\d)"
IMAGES = r"(?:images?|pictures?|media|frames?|image\(s\)|image_url)"
TOO_MANY = re.compile(
    rf"too (?:many|much) {IMAGES}|maximum (?:number|amount|count) of {IMAGES}|{IMAGES} number exceed"
    rf"|number of {IMAGES}[^.]*exceed|exceed\w*[^.]* (?:number of|limit of) {IMAGES}|too many items|array too long",
    re.IGNORECASE,
)
ONE = re.compile(
    r"(?:not|n't) (?:support|accept|take|allow)\w* (?:multi|multiple|several|more than one)[- ]?(?:image|picture)"
    r"|(?:multi|multiple|several)[- ]?(?:image|picture)s?(?: input)?s? (?:is|are) not (?:supported|enabled|allowed)",
    re.IGNORECASE,
)
OTHER = (  # what a number counts that is no number of images
    r"(?!\s*-?(?:[kmg]i?b\b|bytes?|tokens?|px|pixels?|x\s?\d|×|%|s\b|seconds?|minutes?|megapixels?|characters?))"
)
BETWEEN = (
    r"(?:[\s:=(]|\b(?:allowed|permitted|supported|number|count|length|size|of|on|for|is|are|to|the|a|be|be at|limit"
)
BETWEEN += rf"|max(?:imum)?|{IMAGES}|per (?:request|prompt)|in (?:a|one) (?:request|prompt))(?![\w(]))"
MOST = r"(?:at most|up to|more than|limit(?:ed)?|only|max(?:imum)?|exceed(?:s|ed|ing)?)\b"
BOUNDS = (
    rf"{MOST}{BETWEEN}{{1,12}}{NUMBER}{OTHER}",
    rf"(?:> |<= ?|≤ ?|less than or equal to ){NUMBER}{OTHER}",
    rf"(?:between |range |in )[\[(]?\d+(?: and | to |, ?| ?- ?){NUMBER}{OTHER}",
    rf"{NUMBER} (?:{IMAGES} )?(?:is (?:the )?)?(?:max|limit|at most|allowed)",
)
BOUND = tuple(re.compile(each, re.IGNORECASE) for each in BOUNDS)
BELOW = re.compile(rf"(?:less|fewer) than {NUMBER}{OTHER}", re.IGNORECASE)
ABOUT = re.compile(
    rf"{IMAGES}|at most {NUMBER} items|accepts? (?:up to|at most|only) \w+\W*$", re.IGNORECASE | re.MULTILINE
)
PARTS = re.compile(
    r"(?:maximum length|at most) (\d+).{0,80}?(?:length|not|got)\D{0,30}(\d+)", re.IGNORECASE | re.DOTALL
)
ANY = re.compile(rf"(?<![\w.-]){NUMBER}{OTHER}", re.IGNORECASE)


def refuses_number(text: str, shown: int) -> bool:
    """Whether it is the number of images, of which `shown` were sent, that a refusal is about.

    >>> refuses_number("Request contains 300 images, maximum is 16", 300), refuses_number("Max: 4096 tokens", 300)
    (True, False)
    """
    if TOO_MANY.search(text) or ONE.search(text):
        return True
    return bool(ABOUT.search(text)) and _bound(text, shown) is not None


def allowed(text: str, shown: int) -> int | None:
    """How many images a refusal of `shown` allows, where it says so. As many as were sent are never allowed.

    >>> allowed("number of images (300) exceeds limit (4)", 300), allowed("This model accepts up to six images", 12)
    (4, 6)
    """
    if (found := PARTS.search(text)) and not re.search(IMAGES, text, re.IGNORECASE) and int(found[2]) >= shown:
        return int(found[1]) * shown // int(found[2])  # of parts of a message: images, words between them
    if ONE.search(text):
        return 1
    if (bound := _bound(text, shown)) is not None or not TOO_MANY.search(text):
        return bound
    numbers = {value for each in ANY.finditer(text) if 0 < (value := _value(each)) < shown}
    return numbers.pop() if len(numbers) == 1 else None


def _bound(text: str, shown: int) -> int | None:
    """The first number that is said to be a bound, and was not kept."""
    below = (_value(found) - 1 for found in BELOW.finditer(text))
    every = (*(_value(found) for bound in BOUND for found in bound.finditer(text)), *below)
    return next((value for value in every if 0 < value < shown), None)


def _value(found: re.Match[str]) -> int:
    number = found["number"].lower()
    return VALUES[number] if number in VALUES else int(number)
