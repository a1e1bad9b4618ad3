"""SubRip: the query as a subtitle during its moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from whenabouts.interchange.formats.cues import PARTED, cues, read_queries, times, without_times
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked
from whenabouts.interchange.timeline import Timeline
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "SCORED", "read", "write", "write_scored"]

MARKUP = re.compile(r"[<{](?=[/\\a-z0-9:.])|&(?=#?[0-9a-z]{1,32};)", re.IGNORECASE)  # begins <i>, {\\an8} and &amp;


def write(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """Subtitles in order of time."""
    return _file((cue.moment, _parted(cue.query)) for cue in cues(predictions))


def write_scored(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """Subtitles in order of time, each with a second line for status, rank and score."""
    return _file((cue.moment, f"{_parted(cue.query)}\n{cue.remark}") for cue in cues(predictions))


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Subtitles whose text is the query."""
    return read_queries(path)


def _file(rows: Iterable[tuple[Moment, str]]) -> str:
    return "\n".join(f"{n}\n{times(m.start, m.end, ',')}\n{text}\n" for n, (m, text) in enumerate(rows, 1))


def _parted(query: str) -> str:
    """The query with a space of no width in what readers would take for markup or times: SubRip has no escapes."""
    return MARKUP.sub(PARTED, without_times(query))


FORMAT = Format(".srt", "players: subtitles", "milliseconds", write, read, group="watching")
SCORED = Format(
    ".scored.srt",
    "players: subtitles with status and score below",
    "milliseconds",
    write_scored,
    read,
    group="watching",
)
