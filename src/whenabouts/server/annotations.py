"""Corrections: the windows that an annotator gave for a query on a video, in SQLite.

Every annotation has a version, a number that no other state of any annotation ever had: whoever changes one says which
version they saw.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from whenabouts.benchmarks.annotations import PROVENANCE, Annotation, Provenance
from whenabouts.server.database import Database, Report

__all__ = ["AnnotationStore", "Correction", "SavedAnnotation"]

SCHEMA = """
create table annotations (
  number integer primary key autoincrement, video text not null, name text not null, duration real not null,
  query text not null, annotator text not null, windows text not null, saved text not null,
  version integer not null, provenance text, window_provenance text, corrects text,
  unique (video, query, annotator)
);
create table changes (version integer not null);
insert into changes values (0)
"""
UPGRADES = {
    2: "alter table annotations rename column film to video",
    3: """
alter table annotations add column version integer not null default 1;
alter table annotations add column provenance text;
alter table annotations add column window_provenance text;
alter table annotations add column corrects text;
create table changes (version integer not null);
insert into changes values (1)
""",
}
CONTENT = "name, duration, windows, saved, version, provenance, window_provenance, corrects"
COLUMNS = f"number, video, query, annotator, {CONTENT}"
PUT = (
    f"insert into annotations (video, query, annotator, {CONTENT}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
    f"on conflict (video, query, annotator) do update set ({CONTENT}) = "
    f"({', '.join(f'excluded.{name}' for name in CONTENT.split(', '))}) returning {COLUMNS}"
)
SAME_SECONDS = 1e-3  # between a window as it was predicted and as it was confirmed: clients are told milliseconds

Window = tuple[float, float]
Check = Callable[["SavedAnnotation | None"], object]  # raises where what is saved now must not be changed


@dataclass(frozen=True, slots=True)
class Correction:
    """One annotator's windows for one query, in seconds; no windows mean that it does not happen.

    kinds:    the provenance of each window; None for what a person marked
    corrects: the model's answer that was corrected: its `job`, its `moments` [start, end, score] and its `receipt`
    """

    query: str
    annotator: str
    windows: tuple[Window, ...]
    kinds: tuple[Provenance, ...] | None = None
    corrects: Mapping[str, Any] | None = None

    @property
    def of_each(self) -> tuple[Provenance, ...]:
        """The provenance of each window."""
        return tuple("edited" for _ in self.windows) if self.kinds is None else self.kinds

    @property
    def provenance(self) -> Provenance:
        """Of the whole: unchecked while a window is, confirmed where the model's windows are all right as they are."""
        if "model" in self.of_each:
            return "model"
        return "confirmed" if set(self.of_each) <= {"confirmed"} and self._is_as_predicted() else "edited"

    def after(self, known: SavedAnnotation | None) -> Correction:
        """The same, with the answer that is saved where the job that gave it is gone meanwhile."""
        if known is None or known.corrects is None or self.corrects != {"job": known.corrects["job"]}:
            return self
        return replace(self, corrects=known.corrects)

    def _is_as_predicted(self) -> bool:
        if self.corrects is None or "moments" not in self.corrects:
            return bool(self.windows)
        predicted = sorted((start, end) for start, end, _ in self.corrects["moments"])
        times = zip(chain(*predicted), chain(*sorted(self.windows)), strict=False)
        return len(predicted) == len(self.windows) and all(abs(a - b) <= SAME_SECONDS for a, b in times)


@dataclass(frozen=True, slots=True)
class SavedAnnotation:
    """A correction of a video as it is saved.

    video: the id of the video; name: its path below the folder that the operator named, with `/` between folders
    duration: its length in seconds; saved: ISO 8601 in UTC
    provenance, window_provenance: None for what an older version of whenabouts saved
    """

    number: int
    video: str
    query: str
    annotator: str
    name: str
    duration: float
    windows: tuple[Window, ...]
    saved: str
    version: int
    provenance: Provenance | None
    window_provenance: tuple[Provenance, ...] | None
    corrects: dict[str, Any] | None

    def holds(self, correction: Correction) -> bool:
        """Whether this is what the correction says, so that there is nothing to save."""
        jobs = [(each.corrects or {}).get("job") for each in (self, correction)]
        said = (correction.windows, correction.of_each)
        return (self.windows, self.window_provenance) == said and jobs[0] == jobs[1]


class AnnotationStore:
    """Annotations in the database at `path`. Raises InputError where it cannot be read."""

    def __init__(self, path: Path, report: Report | None = None) -> None:
        self._db = Database(path, SCHEMA, UPGRADES, report=report)
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
        self, video: str, name: str, duration: float, correction: Correction, check: Check = lambda _: None
    ) -> SavedAnnotation:
        """Create or replace one annotator's windows for one query, on the disk. Raises DataUnavailable.

        `check` gets what is saved now, or None, and may raise; nothing has changed then. A correction that is saved
        already stays as it is, so that a client that never read the answer can send it again.
        """
        key = video, correction.query, correction.annotator
        with self._db.write() as database:
            known = self._one(*key)
            if known is not None and known.holds(correction):
                return known
            check(known)
            correction = correction.after(known)
            corrects = None if correction.corrects is None else json.dumps(correction.corrects)
            values = (name, duration, json.dumps(correction.windows), _now(), _next_version(database))
            told = (correction.provenance, json.dumps(correction.of_each), corrects)
            [row] = database.execute(PUT, (*key, *values, *told)).fetchall()
        return _annotation(*row)

    @property
    def version(self) -> int:
        """Of the last change. Raises DataUnavailable."""
        [(version,)] = self._db.read("select version from changes")
        return int(version)

    def delete(self, video: str, query: str, annotator: str, check: Check = lambda _: None) -> None:
        """Delete one annotation; `check` as for `put`. Raises KeyError where there is none, DataUnavailable."""
        with self._db.write() as database:
            known = self._one(video, query, annotator)
            if known is None:
                raise KeyError(query)
            check(known)
            database.execute("delete from annotations where number = ?", (known.number,))
            _next_version(database)

    def of_video(self, video: str) -> list[SavedAnnotation]:
        """The annotations of a video, in the order in which they were first saved."""
        return self._rows("where video = ?", video)

    def delete_video(self, video: str) -> None:
        """Delete the annotations of a video. Raises DataUnavailable."""
        with self._db.write() as database:
            database.execute("delete from annotations where video = ?", (video,))
            _next_version(database)

    def export(self, annotator: str | None = None, provenance: Sequence[str] = PROVENANCE) -> list[Annotation]:
        """The annotations of everyone, or of one annotator, as rows of an annotation file.

        `vid` is the video's file name without its suffix; videos of the same name get a part of their id too.
        `provenance`: which to export; those of older versions, which do not tell, always are.
        """
        rows = self._rows("where ? is null or annotator = ?", annotator, annotator)
        ids_by_stem: dict[str, set[str]] = {}
        for row in rows:
            ids_by_stem.setdefault(PurePosixPath(row.name).stem, set()).add(row.video)
        exported = []
        for row in rows:
            if row.provenance is not None and row.provenance not in provenance:
                continue
            stem = PurePosixPath(row.name).stem
            annotation = Annotation(
                stem if len(ids_by_stem[stem]) == 1 else f"{stem}-{row.video[:8]}",
                row.query,
                row.duration,
                row.windows,
                qid=row.number,
                annotator=row.annotator,
                video=row.name,
                provenance=row.provenance,
                window_provenance=row.window_provenance,
                saved=row.saved,
                corrects=row.corrects,
            )
            exported.append(annotation)
        return exported

    def _one(self, *key: str) -> SavedAnnotation | None:
        return next(iter(self._rows("where video = ? and query = ? and annotator = ?", *key)), None)

    def _rows(self, where: str, *values: Any) -> list[SavedAnnotation]:
        statement = f"select {COLUMNS} from annotations {where} order by number"  # noqa: S608
        rows = self._db.made(lambda row: _annotation(*row), statement, values)
        if self._sees is None:
            return rows
        seen = {video for video in {row.video for row in rows} if self._sees(video)}
        return [row for row in rows if row.video in seen]


def _next_version(database: Any) -> int:
    [(version,)] = database.execute("update changes set version = version + 1 returning version").fetchall()
    return int(version)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _annotation(
    number: int,
    video: str,
    query: str,
    annotator: str,
    name: str,
    duration: float,
    windows: str,
    saved: str,
    version: int,
    provenance: Provenance | None,
    window_provenance: str | None,
    corrects: str | None,
) -> SavedAnnotation:
    pairs = tuple((start, end) for start, end in json.loads(windows))
    if not all(0 <= start < end < math.inf for start, end in (*pairs, (0, duration))):
        raise ValueError(f"no times: {windows} of {duration} s")
    kinds = None if window_provenance is None else tuple(json.loads(window_provenance))
    if kinds is not None and (len(kinds) != len(pairs) or not {provenance, *kinds} <= set(PROVENANCE)):
        raise ValueError(f"no provenance: {provenance} of {window_provenance}")
    answer = None if corrects is None else dict(json.loads(corrects))
    return SavedAnnotation(
        number, video, query, annotator, name, duration, pairs, saved, version, provenance, kinds, answer
    )
