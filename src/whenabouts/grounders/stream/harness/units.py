r"""One second of a stream as a model sees it, and what its answer to it says.

>>> mark(41), silent(" </silence> "), spoken("</response> 2 starts")
('<ts-42s>', True, '2 starts')
>>> changes("2 starts\n1: ended")
[Change(number=2, starts=True), Change(number=1, starts=False)]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["RESPONSE", "SILENCE", "Change", "changes", "mark", "plain", "silent", "spoken"]

RESPONSE, SILENCE = "</response>", "</silence>"
MAX_CHARS = 500  # of an answer; more is not read

THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)|^.*</think>", re.DOTALL)
AROUND = " \t\r\n`*\"'"
QUIET = re.compile(r"</?\s*silence\s*/?>", re.IGNORECASE)
SPEAKS = re.compile(r"</?\s*response\s*/?>", re.IGNORECASE)
TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
CHANGE = re.compile(
    r"(?<![\w.])(?:query\s+)?#?(?P<number>\d{1,6})\s*[:.)\-]?\s+"
    r"(?:has\s+|is\s+)?(?:just\s+)?(?P<what>start(?:s|ed|ing)?|begin(?:s|ning)?|began|begun|end(?:s|ed|ing)?|over|stop(?:s|ped)?)\b",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """The event of the query with this number starts, or ends, in this second."""

    number: int
    starts: bool


def mark(second: int) -> str:
    """The time token of the second from `second` to `second` + 1, counted from 0: it names its end."""
    return f"<ts-{second + 1}s>"


def silent(answer: str) -> bool:
    """Whether an answer is silence: its control word alone, with nothing else but white space and quotes."""
    said = THOUGHT.sub("", answer[:MAX_CHARS]).strip(AROUND)
    return QUIET.fullmatch(said) is not None


def spoken(answer: str) -> str | None:
    """The words after the control word of a response; None where an answer does not begin with it, or has no words.

    The word may be repeated at the end, as if it closed an element. An answer that is both is neither.
    """
    said = THOUGHT.sub("", answer[:MAX_CHARS]).strip(AROUND)
    begins = SPEAKS.match(said)
    if begins is None:
        return None
    words = said[begins.end() :]
    closes = list(SPEAKS.finditer(words))
    if closes and not words[closes[-1].end() :].strip(AROUND):
        words = words[: closes[-1].start()]
    words = words.strip(AROUND)
    return words if words and not (SPEAKS.search(words) or QUIET.search(words)) else None


def plain(text: str) -> str:
    """A text in words, one that answers no second: without thoughts and control words, empty where nothing is left.

    What says of numbered queries that they start or end is the answer to a second, and nothing here.

    >>> plain("</silence>"), plain("<summary></summary>"), plain("</response> 1 starts"), plain("</silence> A dog ran.")
    ('', '', '', 'A dog ran.')
    """
    said = SPEAKS.sub(" ", QUIET.sub(" ", THOUGHT.sub("", text))).strip(AROUND)
    return said if re.search(r"\w", TAG.sub("", said)) and not changes(said) else ""


def changes(words: str) -> list[Change]:
    """What a response says of numbered queries, in its order: `NUMBER starts` or `NUMBER ends`, one or several.

    Nothing where any line, or part of one between commas, says something else: half of an answer is not believed.
    """
    found: list[Change] = []
    for piece in re.split(r"[\n,;]|\band\b", words):
        if not (piece := piece.strip(AROUND + ".-•")):
            continue
        said = CHANGE.match(piece)
        if said is None or piece[said.end() :].strip(AROUND + ".!"):
            return []
        found.append(
            Change(int(said["number"]), said["what"].lower()[:2] in {"st", "be"} and "stop" not in piece.lower())
        )
    return found
