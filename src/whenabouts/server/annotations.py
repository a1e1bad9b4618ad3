"""Corrections: the windows that an annotator gave for a query on a video, in SQLite."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from whenabouts.benchmarks.annotations import Annotation
from whenabouts.server.database import Database, Report

__all__ = ["AnnotationStore", "SavedAnnotation"]

SCHEMA = """
create table annotations (
  number integer primary key autoincrement, video text not null, name text not null, duration real not null,
  query text not null, annotator text not null, windows text not null, saved text not null,
  unique (video, query, annotator)
)
"""
UPGRADE = "alter table annotations rename column film to video"
COLUMNS = "number, video, name, duration, query, annotator, windows, saved"
PUT = (
    "insert into annotations (video, name, duration, query, annotator, windows, saved) values (?, ?, ?, ?, ?, ?, ?) "
    "on conflict (video, query, annotator) do update set name = excluded.name, duration = excluded.duration, "
    "windows = excluded.windows, saved = excluded.saved returning *"
)


@dataclass(frozen=True, slots=True)
class SavedAnnotation:
    """One annotator's windows for one query on one video, in seconds; no windows mean that it does not happen.

    video: the id of the video; name: its path below the folder that the operator named, with `/` between folders
    duration: its length in seconds; saved: ISO 8601 in UTC
    """

    number: int
    video: str
    name: str
    duration: float
    query: str
    annotator: str
    windows: tuple[tuple[float, float], ...]
    saved: str


class AnnotationStore:
    """Annotations in the database at `path`. Raises InputError where it cannot be read."""

    def __init__(self, path: Path, report: Report | None = None) -> None:
        self._db = Database(path, SCHEMA, UPGRADE, report=report)
        self._sees: Callable[[str], bool] | None = None

    def seen_by(self, sees: Callable[[str], bool]) -> AnnotationStore:
        """The same, without the annotations of videos that somebody may not see."""
        seen = copy(self)
        seen._sees = sees
        return seen

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def put(
        self,
        video: str,
        name: str,
        duration: float,
        query: str,
        annotator: str,
        windows: list[tuple[float, float]],
    ) -> SavedAnnotation:
        """Create or replace one annotator's windows for one query, on the disk. Raises DataUnavailable."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        values = (video, name, duration, query, annotator, json.dumps(windows), now)
        with self._db.write() as database:
            [row] = database.execute(PUT, values).fetchall()
        return _annotation(*row)

    def of_video(self, video: str) -> list[SavedAnnotation]:
        """The annotations of a video, in the order in which they were first saved."""
        return self._rows("where video = ?", video)

    def delete_video(self, video: str) -> None:
        """Delete the annotations of a video. Raises DataUnavailable."""
        with self._db.write() as database:
            database.execute("delete from annotations where video = ?", (video,))

    def export(self, annotator: str | None = None) -> list[Annotation]:
        """The annotations of everyone, or of one annotator, as rows of an annotation file.

        `vid` is the video's file name without its suffix; videos of the same name get a part of their id too.
        """
        rows = self._rows("where ? is null or annotator = ?", annotator, annotator)
        ids_by_stem: dict[str, set[str]] = {}
        for row in rows:
            ids_by_stem.setdefault(PurePosixPath(row.name).stem, set()).add(row.video)
        exported = []
        for row in rows:
            stem = PurePosixPath(row.name).stem
            vid = stem if len(ids_by_stem[stem]) == 1 else f"{stem}-{row.video[:8]}"
            annotation = Annotation(
                vid, row.query, row.duration, row.windows, qid=row.number, annotator=row.annotator, video=row.name
            )
            exported.append(annotation)
        return exported

    def _rows(self, where: str, *values: Any) -> list[SavedAnnotation]:
        statement = f"select {COLUMNS} from annotations {where} order by number"  # noqa: S608
        rows = self._db.made(lambda row: _annotation(*row), statement, values)
        if self._sees is None:
            return rows
        seen = {video for video in {row.video for row in rows} if self._sees(video)}
        return [row for row in rows if row.video in seen]


def _annotation(
    number: int, video: str, name: str, duration: float, query: str, annotator: str, windows: str, saved: str
) -> SavedAnnotation:
    pairs = tuple((start, end) for start, end in json.loads(windows))
    if not all(0 <= start < end < math.inf for start, end in (*pairs, (0, duration))):
        raise ValueError(f"no times: {windows} of {duration} s")
    return SavedAnnotation(number, video, name, duration, query, annotator, pairs, saved)
