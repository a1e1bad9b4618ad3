"""A file of events, as `whenabouts watch --events` writes it, held against annotations of the watched videos.

One JSON object a line. {"type": "watch", "source", …} begins a watch; {"type": "event", "query", "number", …} is an
event; of all others only the time counts. Files of several watches may be joined.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from whenabouts.benchmarks.example import Example
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.online.told import Told
from whenabouts.evaluation.predictions import Source
from whenabouts.evaluation.unlike import stem
from whenabouts.files.records import Row, read_lines

__all__ = ["is_watched", "read_watched"]


@dataclass
class _Watch:
    """The rows of one watch."""

    source: str | None
    where: str
    until: float = 0.0
    events: dict[str, list[Row]] = field(default_factory=dict)


def is_watched(source: Source) -> bool:
    """Whether the predictions are a file of events."""
    try:
        return isinstance(source, Path) and source.suffix == ".jsonl" and "type" in read_lines(source)[0]
    except AnnotationError:
        return False


def read_watched(path: Path, examples: Sequence[Example]) -> tuple[list[Example], dict[str | int, Told]]:
    """The queries on the watched videos, and what was told of each, by qid.

    A watch is about the video that its source names; where the annotations have one video only, about that. Queries on
    other videos are left out, and queries that were not watched for count as not answered; both are told in a warning.
    Raises AnnotationError.
    """
    videos = {stem(e.video): e.video for e in examples}
    kept: list[Example] = []
    told: dict[str | int, Told] = {}
    for name, watch in _by_video(_watches(path), videos).items():
        mine = [e for e in examples if e.video == name]
        known = {_words(e.query): e for e in mine}
        for words, rows in watch.events.items():
            if (example := known.get(words)) is not None:
                told[example.qid] = Told(tuple(rows), watch.until, {}, rows[0].where)
        for example in mine:
            told.setdefault(example.qid, Told((), watch.until, {}, watch.where))
        _warn_of_others(watch, known)
        kept += mine
    if left_out := len(examples) - len(kept):
        warnings.warn(f"{left_out} queries are on videos that were not watched, and are left out", stacklevel=3)
    return kept, told


def _watches(path: Path) -> list[_Watch]:
    watches: list[_Watch] = []
    for row in read_lines(path):
        kind = row.text("type")
        if kind == "watch" or not watches:
            source = row.text("source") if kind == "watch" else None
            if not watches or watches[-1].source != source or row.get("resumed") is not True:
                watches.append(_Watch(source, row.where))
        watch = watches[-1]
        if kind == "event":
            watch.events.setdefault(_words(row.text("query")), []).append(row)
        watch.until = max(watch.until, row.number("emitted" if kind == "event" else "time", 0.0))
    return watches


def _by_video(watches: Sequence[_Watch], videos: dict[str, str]) -> dict[str, _Watch]:
    found: dict[str, _Watch] = {}
    for watch in watches:
        only = next(iter(videos.values())) if len(videos) == 1 else None
        if watch.source is None and only is None:
            raise AnnotationError(f"{watch.where}: a row of the type watch must come first; it says what was watched")
        name = stem(watch.source or "")
        video = videos.get(name, only)
        if video is None:
            raise AnnotationError(f"{watch.where}: the annotations have no video called {name!r}")
        if video in found:
            raise AnnotationError(f"{watch.where}: {video} is watched a second time; keep one of the two")
        if not watch.until > 0:
            raise AnnotationError(f"{watch.where}: the rows of this watch do not say how long it was")
        found[video] = watch
    return found


def _warn_of_others(watch: _Watch, known: dict[str, Example]) -> None:
    others = Counter({words: len(rows) for words, rows in watch.events.items() if words not in known})
    if others:
        [(words, _)] = others.most_common(1)
        warnings.warn(
            f"{others.total()} events are of queries that the annotations lack, such as {words!r}", stacklevel=4
        )


def _words(query: str) -> str:
    return query.strip().lower()
