"""What a reader says, read leniently: JSON in prose or a fence, cut off, or in a form a little other than asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

__all__ = ["Claim", "claims"]

MAX_ANSWER_CHARS = 100_000  # more is not an answer
MAX_STARTS = 50  # places at which JSON may begin
MAX_CLAIMS = 200  # of one query in one answer
MAX_NUMBERS = 100  # of one claim
THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)|^.*?</think>", re.DOTALL)
START = re.compile(r"[{\[]")
NUMBER = re.compile(r"\d{1,9}", re.ASCII)
SPAN = re.compile(r"\D*(\d{1,9})\s*(?:-|–|to|\.\.)\s*(\d{1,9})\D*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a reader claims, not checked: numbers of lines, and words that are to stand in them."""

    numbers: tuple[int, ...]
    quote: str


def claims(said: str, queries: int) -> dict[int, list[Claim]]:
    """The claims for each query that an answer is about, by the number of the query, from 1 to `queries`.

    An empty list is an answer: there is no such line. A query that is missing was not answered, or its answer was cut
    off before its end; then what came before the cut does not count either, so that it is asked again.

    >>> claims('Sure! {"1": [{"lines": [4], "quote": "bees"}], "2": []}', 2)
    {1: [Claim(numbers=(4,), quote='bees')], 2: []}
    >>> claims('{"1": [], "2": [{"lines": [4], "quo', 2)
    {1: []}
    """
    text = THOUGHT.sub("", said[:MAX_ANSWER_CHARS])
    for value, whole in _values(text):
        if found := _by_query(value, queries, whole):
            return found
    return {}


def _values(text: str) -> Iterator[tuple[Any, bool]]:
    """Objects and lists in a text, and whether each is whole; what is inside another is not given by itself."""
    from pydantic_core import from_json

    decoder, at = json.JSONDecoder(), 0
    for _ in range(MAX_STARTS):
        match = START.search(text, at)
        if match is None:
            return
        try:
            value, at = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            at = match.start() + 1
        else:
            yield value, True
            continue
        with suppress(ValueError):
            yield from_json(text[match.start() :], allow_partial=True), False
            return


def _by_query(value: Any, queries: int, whole: bool) -> dict[int, list[Claim]]:
    """The claims of an object by query, of a list of objects that say their query, or of one query alone."""
    if isinstance(value, dict) and len(value) == 1 and not _keyed(value, queries):  # {"answers": …}
        [value] = value.values()
    alone = value if isinstance(value, list) else [value]
    if all(_is_claim(row) for row in alone) and alone:
        if all("query" in row for row in alone):
            found: dict[int, list[Claim]] = {number: [] for number in range(1, queries + 1) if whole}
            for row in alone[:MAX_CLAIMS] if whole else alone[:-1]:
                if (number := _number(row["query"])) and number <= queries:
                    found.setdefault(number, []).extend(_claims(row))
            return found
        return {1: _claims(value)} if whole and queries == 1 else {}
    keyed = _keyed(value, queries) if isinstance(value, dict) else []
    return {number: _claims(each) for number, each in (keyed if whole else keyed[:-1])}


def _keyed(value: dict[str, Any], queries: int) -> list[tuple[int, Any]]:
    """What stands under the numbers of queries, in the order of the text."""
    numbers = ((_number(name), each) for name, each in value.items())
    return [(number, each) for number, each in numbers if number and number <= queries]


def _claims(value: Any) -> list[Claim]:
    """Every claim in a value; what is none becomes a claim without a quote, which no check lets pass."""
    rows = value if isinstance(value, list) else [] if value is None or value == {} else [value]
    found = []
    for row in rows[:MAX_CLAIMS]:
        if not _is_claim(row):
            found.append(Claim((), ""))
        elif (lines := row.get("lines", row.get("line"))) not in (None, []):
            quote = row.get("quote")
            found.append(Claim(_numbers(lines), quote if isinstance(quote, str) else ""))
    return found


def _is_claim(value: Any) -> bool:
    return isinstance(value, dict) and ("lines" in value or "line" in value)


def _numbers(value: Any) -> tuple[int, ...]:
    """Numbers of lines from `3`, `[3, 4]`, `"3-4"`, `"[3], [4]"`; empty where one cannot be read."""
    if isinstance(value, str):
        if span := SPAN.fullmatch(value):
            first, last = int(span[1]), int(span[2])
            return tuple(range(first, last + 1)) if first <= last < first + MAX_NUMBERS else ()
        return tuple(int(number) for number in NUMBER.findall(value))[:MAX_NUMBERS]
    if isinstance(value, list):
        each = [_numbers(one) for one in value[:MAX_NUMBERS] if not isinstance(one, list)]
        return tuple(number for numbers in each for number in numbers) if all(each) else ()
    return (value,) if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else ()


def _number(value: Any) -> int | None:
    """Of a query, as `1`, `"1"`, `"query 1"`, `"Q1"`."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(?:q|query|answer)?[\s_#]*(\d{1,4})[\s:.]*", value, re.ASCII | re.IGNORECASE)
        return int(match[1]) if match else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
