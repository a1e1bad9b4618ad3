"""SubRip: the query as a subtitle during its moment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from whenabouts.interchange.formats.cues import cues, read_queries, times
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.marked import Marked
from whenabouts.interchange.text import one_line
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "read", "write"]

TAG = re.compile(r"[<{](?=[/\\a-z])", re.IGNORECASE)  # the beginning of <i> and of {\\an8}
PARTED = "\\g<0>\u200b"


def write(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """Subtitles in order of time.

    SubRip has no escapes: what players would take for markup is parted by a space of no width.
    """
    blocks = [
        f"{n}\n{times(m.start, m.end, ',')}\n{TAG.sub(PARTED, one_line(query))}\n"
        for n, (m, query, _) in enumerate(cues(predictions), 1)
    ]
    return "\n".join(blocks)


def read(path: Path, _timeline: Timeline | None = None) -> list[Marked]:
    """Subtitles whose text is the query."""
    return read_queries(path)


FORMAT = Format(".srt", "players: subtitles", "milliseconds", write, read)
