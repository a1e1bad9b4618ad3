"""Corrections: the windows that an annotator gave for a query on a video, kept as they are saved.

They leave as lines of QVHighlights' annotations, which `whenabouts evaluate` and the readers for training take.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

from whenabouts.errors import InputError

__all__ = ["Annotations", "Saved"]

SCHEMA = """
create table if not exists annotations (
  number integer primary key autoincrement, video text not null, name text not null, duration real not null,
  query text not null, annotator text not null, windows text not null, saved text not null,
  unique (video, query, annotator)
);
"""
COLUMNS = "number, video, name, duration, query, annotator, windows, saved"


@dataclass(frozen=True, slots=True)
class Saved:
    """What one annotator says about one query on one video: windows in seconds, none for "does not happen"."""

    number: int
    video: str
    name: str
    duration: float
    query: str
    annotator: str
    windows: tuple[tuple[float, float], ...]
    saved: str


class Annotations:
    """Annotations in the database at `path`. Raises InputError."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            self._db.executescript(SCHEMA)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise InputError(f"{path} is damaged or no database of annotations ({error}); move it away") from None

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._db.close()

    def put(
        self,
        video: str,
        name: str,
        duration: float,
        query: str,
        annotator: str,
        windows: list[tuple[float, float]],
    ) -> Saved:
        """Save, in place of what this annotator said about the query before."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._lock:
            self._db.execute(
                "insert into annotations (video, name, duration, query, annotator, windows, saved) "
                "values (?, ?, ?, ?, ?, ?, ?) on conflict (video, query, annotator) do update set "
                "name = excluded.name, duration = excluded.duration, "
                "windows = excluded.windows, saved = excluded.saved",
                (video, name, duration, query, annotator, json.dumps(windows), now),
            )
        return next(each for each in self.of(video) if (each.query, each.annotator) == (query, annotator))

    def of(self, video: str) -> list[Saved]:
        """All of one video, in the order of their first saving."""
        return self._rows("where video = ?", video)

    def forget(self, video: str) -> None:
        """Delete those of a video that is gone for good."""
        with self._lock:
            self._db.execute("delete from annotations where video = ?", (video,))

    def lines(self, annotator: str | None = None) -> Iterator[str]:
        """JSON Lines as QVHighlights has them; `vid` is the video's name without its ending.

        Videos of one name are told apart by a part of their id.
        """
        rows = self._rows("where ? is null or annotator = ?", annotator, annotator)
        videos: dict[str, set[str]] = {}
        for row in rows:
            videos.setdefault(Path(row.name).stem, set()).add(row.video)
        for row in rows:
            stem = Path(row.name).stem
            line: dict[str, Any] = {
                "qid": row.number,
                "query": row.query,
                "vid": stem if len(videos[stem]) == 1 else f"{stem}-{row.video[:8]}",
                "duration": row.duration,
                "relevant_windows": [list(window) for window in row.windows],
                "annotator": row.annotator,
            }
            yield json.dumps(line, ensure_ascii=False) + "\n"

    def _rows(self, where: str, *values: Any) -> list[Saved]:
        asked = f"select {COLUMNS} from annotations {where} order by number"  # noqa: S608
        with self._lock:
            rows = self._db.execute(asked, values).fetchall()
        return [_saved(*row) for row in rows]


def _saved(
    number: int, video: str, name: str, duration: float, query: str, annotator: str, windows: str, saved: str
) -> Saved:
    pairs = tuple((start, end) for start, end in json.loads(windows))
    return Saved(number, video, name, duration, query, annotator, pairs, saved)
