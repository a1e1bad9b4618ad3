"""What VidThinker asks, in words of our own, and what it reads out of the answers."""

from __future__ import annotations

import re

__all__ = ["DESCRIBE", "KIND", "KINDS", "RELEVANT", "clips_in", "kind_in"]

DESCRIBE = (
    "These frames are a clip of a longer video. Someone will ask about the whole video: {question}\n"
    "Describe in two or three sentences what this clip shows. Name what could help to answer, and do not answer."
)
RELEVANT = (
    "A video was cut into clips, and each was described:\n{descriptions}\n\n"
    "Someone asks about the video: {question}\n"
    "Think about which clips must be seen to answer. End with one line that lists their numbers, such as\n"
    "CLIPS: 3, 4, 17\nor CLIPS: none"
)
KIND = (
    "Someone asks about a video: {question}\n"
    "What must be seen to answer?\n"
    "semantic: what things, people, places or texts look like\n"
    "motion: how something moves or is done\n"
    "both: what things look like and how they move\n"
    "global: the whole video, or nothing in particular\n"
    "Answer with one of these four words."
)
KINDS = ("semantic", "motion", "both", "global")

_LINE = re.compile(r"CLIPS\s*:\s*([^\n]*)", re.IGNORECASE)


def clips_in(answer: str, clips: range) -> list[int] | None:
    """The clips that the last line of an answer lists, of those that were shown; None where there is no such line.

    >>> clips_in("The third. CLIPS: 3, 99", range(9)), clips_in("CLIPS: none", range(9)), clips_in("3", range(9))
    ([3], [], None)
    """
    lines = _LINE.findall(answer)
    return sorted({n for n in map(int, re.findall(r"\d{1,6}", lines[-1])) if n in clips}) if lines else None


def kind_in(answer: str) -> str | None:
    """The one of `KINDS` that an answer names last.

    >>> kind_in("It moves, so **motion**."), kind_in("I do not know")
    ('motion', None)
    """
    found = re.findall("|".join(KINDS), answer.casefold())
    return found[-1] if found else None
