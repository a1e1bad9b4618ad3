"""Moments as cues in order of time, for the subtitle formats of players."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from whenabouts.errors import AnnotationError
from whenabouts.evidence.cues import unescaped
from whenabouts.files.records import read_text
from whenabouts.interchange.marked import Marked, gathered, moment_at
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction

__all__ = ["Cue", "cues", "read_cues", "read_queries", "times"]

STAMP = r"((?:[0-9]{2,6}:)?[0-5][0-9]:[0-5][0-9][.,][0-9]{3})"
TIMES = re.compile(rf"\s*{STAMP}\s+-->\s+{STAMP}(?:\s|$)")
MARKUP = re.compile(r"</?[a-z][^<>]*>|<[0-9:.]+>")
Cue = tuple[Moment, str, int]  # moment, query, rank from 1


def cues(predictions: Sequence[Prediction]) -> list[Cue]:
    """All moments with query and rank, sorted by time."""
    rows = [(moment, each.query, rank) for each in predictions for rank, moment in enumerate(each.moments, 1)]
    return sorted(rows, key=lambda row: (row[0].start, row[0].end))


def times(start: float, end: float, mark: str) -> str:
    """The line with the times of a cue, of at least one millisecond since readers refuse less.

    mark: separator before the milliseconds

    >>> times(3661.5, 3661.5001, ".")
    '01:01:01.500 --> 01:01:01.501'
    """
    first = round(start * 1000)
    return " --> ".join(_stamp(ms, mark) for ms in (first, max(first + 1, round(end * 1000))))


def _stamp(ms: int, mark: str) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def read_cues(path: Path) -> Iterator[tuple[str, float, float, str]]:
    """Position in the file, start, end (seconds) and text of each cue of a SubRip or WebVTT file.

    Raises AnnotationError.
    """
    blocks = re.split(r"\n(?:[ \t]*\n)+", re.sub("\r\n?", "\n", read_text(path)).strip())
    number = 0
    for block in blocks:
        lines = block.split("\n")
        timed = next((k for k, line in enumerate(lines[:2]) if "-->" in line), None)
        if timed is None or lines[0].startswith(("NOTE", "STYLE", "REGION")):
            continue
        number += 1
        where = f"{path}, cue {number}"
        stamps = TIMES.match(lines[timed])
        if stamps is None:
            raise AnnotationError(f"{where}: {lines[timed]!r} is not two times as in 00:00:01.000 --> 00:00:02.500")
        yield where, _seconds(stamps[1]), _seconds(stamps[2]), "\n".join(lines[timed + 1 :])
    if not number and not blocks[0].startswith("WEBVTT"):
        raise AnnotationError(f"{path} is not a readable subtitle file: it has no cues")


def _seconds(stamp: str) -> float:
    *hours, minutes, seconds, ms = re.split("[:.,]", stamp)
    return (int(hours[0]) * 3600 if hours else 0) + int(minutes) * 60 + int(seconds) + int(ms) / 1000


def read_queries(path: Path) -> list[Marked]:
    """Cues whose text is the query."""
    return gathered(
        (None, " ".join(unescaped(MARKUP.sub("", text)).replace("\u200b", "").split()), moment_at(where, start, end))
        for where, start, end, text in read_cues(path)
    )
