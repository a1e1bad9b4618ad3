"""Cues out of the text of a subtitle file, however it was written: SubRip, WebVTT, SBV, and the events of ASS.

Times may lack hours or milliseconds and have any of the marks that are met; numbers, blank lines and headers may be
missing; notes, styles and settings are no speech. What has the form of a cue but no readable times is counted.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from itertools import pairwise

from whenabouts.printable import DIRECTIONS

__all__ = ["UNSEEN", "Cue", "Cues", "read_cues", "unescaped", "voices", "without_drawings", "without_tags"]

STAMP = r"(-?)(?:(\d{1,4})\s?:\s?)?(\d{1,3})\s?:\s?(\d{1,2})(?:\s?[.,;]\s?(\d{1,9})|:(\d{3}))?"
ARROW = r"\s*(?:[-–—=]{1,3}(?:>|&gt;)|→)\s*"
TIMES = re.compile(rf"\s*{STAMP}{ARROW}{STAMP}(?![\d:.,;])")
TIMES_OF_SBV = re.compile(rf"\s*{STAMP},{STAMP}\s*$")
TIMES_ALONE = re.compile(STAMP)
TIMES_WITHOUT_ARROW = re.compile(rf"(?=\s*\d+:\d+:\d+[.,]\d)\s*{STAMP}[^\w:.,;]{{1,8}}{STAMP}\s*$")
CLOCKS = re.compile(r"\s*\d+:\d+\s*\S+\s*\d+:\d+(?![\d:.,;])")  # in a text, "10:30 --> 11:00"
TIMES_CUT = re.compile(r"[\d:.,;\s=>–—→-]+")
LIKE_TIMES = re.compile(r"(?=.{0,80}\d:\d)[^<>]{0,60}-->")
TIMES_CHARS = 200  # of a line in which times are looked for
UNSEEN = dict.fromkeys((0, 0x200E, 0x200F, 0xFEFF)) | DIRECTIONS  # marks, which tools also put around times
TAG = re.compile(  # a name in angle brackets that is no tag is speech: "<whispers>"
    r"</?(?:[biusc]|rt|ruby|em|strong)(?:\.[^<>\s]*)?\s*/?>|</?(?:v|lang|font|span|div|p|br)(?:[.\s/][^<>]*)?>"
    r"|<[\d:.]+>|\{\\[^{}]*\}",
    re.IGNORECASE,
)
VOICE = re.compile(r"<v(?:\.[^<>\s]*)?\s+([^<>]{1,100})>", re.IGNORECASE)
DRAWING = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}.*?(?:\{[^{}]*\\p0[^{}]*\}|$)", re.DOTALL)
NO_CHARACTER = re.compile(r"&#[0-9]{8,};?")
FIELDS: tuple[str, ...] = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")


@dataclass(frozen=True, slots=True)
class Cue:
    """Seconds as written, the text with its markup, and the line of the file, from 1, that has the times.

    `speaker` is the field Name of an event of ASS; WebVTT names speakers in the markup of the text.
    """

    start: float
    end: float
    text: str
    line: int
    speaker: str = ""


@dataclass(slots=True)
class Cues:
    """What was read of a file, in its order.

    unreadable: the lines, from 1, that have the form of times but none that can be read
    events:     whether the markup of the texts is that of ASS
    """

    found: list[Cue] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    events: bool = False


def read_cues(text: str) -> Cues:
    r"""The cues of a text; none where it is of another kind.

    >>> read_cues("1\n00:00:01,5 --> 00:02\nHello\n\nthere").found
    [Cue(start=1.5, end=2.0, text='Hello\nthere', line=2, speaker='')]
    """
    lines = re.split(r"\r\n|\r|\n", text.translate(UNSEEN).replace("\r\r\n", "\n"))
    cues = _cues(lines)
    if not any(line.lower().startswith("dialogue:") for line in lines):
        return cues
    events = _events(lines)
    return cues if len(cues.found) > len(events.found) else events  # "Dialogue:" may be speech


def without_tags(text: str) -> str:
    """A text of SubRip or WebVTT without its tags, and without those of ASS that editors put there."""
    return TAG.sub("", text)


def without_drawings(text: str) -> str:
    """A text of ASS without the outlines that are drawn in it."""
    return DRAWING.sub("", text)


def voices(text: str) -> str:
    """The speakers that the voice tags of a text of WebVTT name, in their order, as one name.

    >>> voices("<v Anna>Hello.</v> <v.loud Ben>Hi!")
    'Anna, Ben'
    """
    return ", ".join(dict.fromkeys(name for each in VOICE.findall(text) if (name := " ".join(unescaped(each).split()))))


def unescaped(text: str) -> str:
    """A text with characters for its entities; one of many digits, at which Python's own `unescape` fails, is none."""
    return html.unescape(NO_CHARACTER.sub("\ufffd", text))


def _cues(lines: list[str]) -> Cues:
    cues = Cues()
    webvtt = next((line.lstrip().upper().startswith("WEBVTT") for line in lines if line.strip()), False)
    heads = _heads(lines)
    for head, following in pairwise([*heads, len(lines)]):
        times = _times(lines[head][:TIMES_CHARS])
        if times is None:
            cues.unreadable.append(head + 1)
            continue
        body = _without_number(
            lines[head + 1 : following], len(cues.found) + len(cues.unreadable) + 2, last=following == len(lines)
        )
        if webvtt:
            body = body[: next((at for at, line in enumerate(body) if not line.strip()), None)]
        text = "\n".join(line.strip() for line in body if line.strip())
        cues.found.append(Cue(*times, text, head + 1))
    return cues


def _heads(lines: list[str]) -> list[int]:
    """The lines that have times, or had: what only looks like them and stands in the middle of a text is speech."""
    heads: list[int] = []
    for at, line in enumerate(each[:TIMES_CHARS] for each in lines):
        above = lines[at - 1].strip() if at else ""
        if _times(line):
            is_head = not (CLOCKS.match(line) and heads[-1:] == [at - 1])
        elif LIKE_TIMES.match(line):
            is_head = line.lstrip()[:1].isdecimal() or not above or above.isdecimal()
        else:
            numbered = above.isdecimal() and not (at > 1 and lines[at - 2].strip())
            is_head = numbered and ":" in line and TIMES_CUT.fullmatch(line) is not None
        if is_head:
            heads.append(at)
    return heads


def _times(line: str) -> tuple[float, float] | None:
    found = TIMES.match(line) or TIMES_OF_SBV.match(line) or TIMES_WITHOUT_ARROW.match(line)
    return None if found is None else (_seconds(*found.groups()[:6]), _seconds(*found.groups()[6:]))


def _seconds(
    sign: str, hours: str | None, minutes: str, seconds: str, fraction: str | None, milliseconds: str | None
) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    digits = fraction or milliseconds or "0"
    time = whole + float(f"0.{digits}")
    return -time if sign else time


def _without_number(body: list[str], expected: int, *, last: bool) -> list[str]:
    """The lines after times without the number of the next cue, which may stand there with or without blanks.

    A number is text where it stands neither alone before the next times nor is the one that comes next. After the
    `last` times, it is a number where the file was cut after it.
    """
    at = next((at for at in range(len(body) - 1, -1, -1) if body[at].strip()), None)
    if at is None or not body[at].strip().isdecimal():
        return body
    before_blank = at < len(body) - 1
    after_blank = at > 0 and not body[at - 1].strip()
    next_one = int(body[at].strip()[:9]) == expected
    if last:
        is_number = next_one and after_blank and any(line.strip() for line in body[:at])
    else:
        is_number = (after_blank and not before_blank) or (next_one and after_blank == before_blank)
    return body[:at] if is_number else body


def _events(lines: list[str]) -> Cues:
    """Dialogue of ASS or SSA, whose fields stand in the order that the last line of formats says."""
    cues = Cues(events=True)
    names = FIELDS
    for number, line in enumerate(lines, 1):
        key, _, rest = line.partition(":")
        if key.strip().lower() == "format" and "text" in (fields := rest.replace(" ", "").lower().split(",")):
            names = tuple(fields)
        elif key.strip().lower() == "dialogue":
            row = dict(zip(names, rest.split(",", len(names) - 1), strict=False))
            stamps = [TIMES_ALONE.fullmatch(row.get(name, "").strip()) for name in ("start", "end")]
            if None in stamps or "text" not in row:
                cues.unreadable.append(number)
            else:
                start, end = (_seconds(*stamp.groups()) for stamp in stamps if stamp)
                speaker = row.get("name", row.get("actor", ""))
                cues.found.append(Cue(start, end, row["text"], number, speaker))
    return cues
