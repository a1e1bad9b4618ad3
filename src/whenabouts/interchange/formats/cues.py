"""Moments as cues in order of time, for the subtitle formats of players."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from whenabouts.errors import AnnotationError
from whenabouts.evidence.cues import unescaped
from whenabouts.files.records import read_text
from whenabouts.interchange.marked import Marked, Row, gathered, moment_at
from whenabouts.interchange.remark import REMARK, remark, remark_in
from whenabouts.interchange.text import one_line
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction

__all__ = ["PARTED", "Cue", "cues", "read_cues", "read_queries", "times", "without_times"]

STAMP = r"((?:[0-9]{2,6}:)?[0-5][0-9]:[0-5][0-9][.,][0-9]{3})"
TIMES = re.compile(rf"\s*{STAMP}\s+-->\s+{STAMP}(?:\s|$)")
MARKUP = re.compile(r"</?[a-z][^<>]*>|<[0-9:.]+>")
LIKE_TIMES = re.compile(r"--(?=>)|:\d{1,2}(?=[.,]\d)")  # in 00:00:01,000 --> 00:00:02,000
PARTED = "\\g<0>\u200b"


class Cue(NamedTuple):
    """A moment with its prediction and its rank from 1."""

    moment: Moment
    prediction: Prediction
    rank: int

    @property
    def query(self) -> str:
        """The query on one line."""
        return one_line(self.prediction.query)

    @property
    def remark(self) -> str:
        """Status, rank and score."""
        return remark(self.prediction, self.rank)


def cues(predictions: Sequence[Prediction]) -> list[Cue]:
    """All moments, sorted by time."""
    rows = [Cue(moment, each, rank) for each in predictions for rank, moment in enumerate(each.moments, 1)]
    return sorted(rows, key=lambda row: (row.moment.start, row.moment.end))


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


def without_times(query: str) -> str:
    """The query with a space of no width in what readers would take for the times of another cue."""
    return LIKE_TIMES.sub(PARTED, query)


def read_cues(path: Path) -> Iterator[tuple[str, float, float, str, str]]:
    """Position in the file, start, end (seconds), text and remark of each cue of a SubRip or WebVTT file.

    A remark is a line that begins with the cue's identifier in a note above it. Raises AnnotationError.
    """
    blocks = re.split(r"\n(?:[ \t]*\n)+", re.sub("\r\n?", "\n", read_text(path)).strip())
    number = 0
    remarks: dict[str, str] = {}
    for block in blocks:
        lines = block.split("\n")
        timed = next((k for k, line in enumerate(lines[:2]) if "-->" in line), None)
        if timed is None or lines[0].startswith(("NOTE", "STYLE", "REGION")):
            remarks |= dict(line.split(" ", 1) for line in lines[1:] if " " in line)
            continue
        number += 1
        where = f"{path}, cue {number}"
        stamps = TIMES.match(lines[timed])
        if stamps is None:
            raise AnnotationError(f"{where}: {lines[timed]!r} is not two times as in 00:00:01.000 --> 00:00:02.500")
        yield (
            where,
            _seconds(stamps[1]),
            _seconds(stamps[2]),
            "\n".join(lines[timed + 1 :]),
            remarks.get(lines[0], "") if timed else "",
        )
    if not number and not blocks[0].startswith("WEBVTT"):
        raise AnnotationError(f"{path} is not a readable subtitle file: it has no cues")


def _seconds(stamp: str) -> float:
    *hours, minutes, seconds, ms = re.split("[:.,]", stamp)
    return (int(hours[0]) * 3600 if hours else 0) + int(minutes) * 60 + int(seconds) + int(ms) / 1000


def read_queries(path: Path) -> list[Marked]:
    """Cues whose text is the query, each perhaps with a remark in its last line or in a note."""
    return gathered(_query(*cue) for cue in read_cues(path))


def _query(where: str, start: float, end: float, text: str, note: str) -> Row:
    first, below, last = text.rpartition("\n")
    if below and REMARK.fullmatch(last):
        text, note = first, last
    words = " ".join(unescaped(MARKUP.sub("", text)).replace("\u200b", "").split())
    told = remark_in(note)
    return None, words, moment_at(where, start, end, told.score), told.standing
