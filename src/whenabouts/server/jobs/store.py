"""The queue in SQLite: a job that was accepted stays until it is done, whatever happens to the server.

One server at a time has the database open. Jobs that were running when it died are queued again when the store is
opened. Every method raises DataUnavailable where the disk does not allow it; nothing has changed then.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Collection, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from whenabouts.errors import QueueFull
from whenabouts.server.database import Database, Report
from whenabouts.server.jobs.order import fair_order

__all__ = ["FINAL", "JobKind", "JobRow", "JobState", "JobStore"]

JobKind = Literal["find", "clip", "copy", "scenes", "index", "watch"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
FINAL = frozenset({"done", "failed", "cancelled"})
MAX_TRIES = 5  # starts of one job: a job that takes the machine down with it is given up
KEPT_JOBS = 2000  # finished jobs
SCHEMA = """
create table jobs (
  number integer primary key autoincrement, id text unique not null, kind text not null, state text not null,
  client text not null, key text, video text, request text not null, turn integer not null default -1,
  tries integer not null default 0, error text, result text, created text not null, started text, ended text,
  unique (client, key)
);
create index by_state on jobs (state, number)
"""
UPGRADES = {
    2: """
alter table jobs rename column film to video;
update jobs set result = replace(result, '"/api/films/', '"/api/videos/') where result is not null
"""
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in the database; times are ISO 8601 in UTC.

    key:  `request` and the client's Idempotency-Key, or `batch`, the id of a batch and the video
    turn: grows with every job that is started, so that the client that waited longest can be served next; -1 before
    """

    number: int
    id: str
    kind: JobKind
    state: JobState
    client: str
    key: str | None
    video: str | None
    request: dict[str, Any]
    turn: int
    tries: int
    error: str | None
    result: Any
    created: str
    started: str | None
    ended: str | None


class JobStore:
    """Jobs in the database at `path`; at most `limit` may be queued, half of them of one client.

    Raises InputError where another server has the database open, or it cannot be read.
    """

    def __init__(self, path: Path, *, limit: int = 200, report: Report | None = None) -> None:
        self.limit = limit
        self._db = Database(path, SCHEMA, UPGRADES, exclusive=True, report=report)
        self._sees: Callable[[JobRow], bool] | None = None
        self._places: dict[tuple[JobKind, ...], tuple[int, dict[str, int]]] = {}  # in the queue, after so many writes
        self._queue_interrupted()

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def seen_by(self, sees: Callable[[JobRow], bool]) -> JobStore:
        """The same, without the jobs that somebody may not see."""
        seen = copy(self)
        seen._sees = sees
        return seen

    def put(
        self, kind: JobKind, client: str, request: dict[str, Any], *, video: str | None = None, key: str | None = None
    ) -> tuple[JobRow, bool]:
        """A new job and True; or the job that this client made with the same `key` before, and False.

        Raises QueueFull.
        """
        if key is not None:
            key = f"request {key}"  # so that no client can name a batch
        with self._db.write() as database:
            if key is not None and (known := self._rows("client = ? and key = ?", (client, key))):
                return known[0], False
            [job] = self._insert(database, kind, client, request, [(video, key)])
        return self.get(job), True

    def put_batch(
        self, kind: JobKind, client: str, request: dict[str, Any], *, videos: Sequence[str], batch: str
    ) -> bool:
        """The same job for each video, all or none; False where this client made the batch before. Raises QueueFull."""
        with self._db.write() as database:
            if self._rows("client = ? and key = ?", (client, _key(batch, videos[0]))):
                return False
            self._insert(database, kind, client, request, [(video, _key(batch, video)) for video in videos])
        return True

    def of_batch(self, batch: str) -> list[JobRow]:
        """The jobs of a batch without their results, in the order of its videos."""
        rows = self._rows("key glob ?", (_key(batch, "*"),), "order by number", results=False)
        return [row for row in rows if self._sees is None or self._sees(row)]

    def batches(self, limit: int) -> list[tuple[str, int, JobRow]]:
        """The newest batches first: the id, the number of jobs, and the first of them without its result."""
        found = self._db.read(
            "select distinct substr(key, 7, instr(substr(key, 7), ' ') - 1) as batch from jobs "
            "where key glob 'batch * *' group by batch order by min(number) desc",
        )
        seen = ((batch, self.of_batch(batch)) for (batch,) in found)
        return list(islice(((batch, len(rows), rows[0]) for batch, rows in seen if rows), limit))

    def get(self, job: str) -> JobRow:
        """One job. Raises KeyError."""
        rows = self._rows("id = ?", (job,))
        if not rows or not (self._sees is None or self._sees(rows[0])):
            raise KeyError(job)
        return rows[0]

    def newest(self, state: JobState | None = None, limit: int = 100, video: str | None = None) -> list[JobRow]:
        """The newest jobs first, without their results; those in one state or of one video where given."""
        where, values = "(? is null or state = ?) and (? is null or video = ?)", (state, state, video, video)
        if self._sees is None:
            return self._rows(where, values, "order by number desc limit ?", (limit,), results=False)
        rows = self._rows(where, values, "order by number desc", results=False)
        return list(islice(filter(self._sees, rows), limit))

    def find(self, kind: JobKind, video: str, request: dict[str, Any]) -> JobRow | None:
        """The newest job with this request that has not failed."""
        rows = self._rows(
            "kind = ? and video = ? and request = ? and state in ('queued', 'running', 'done')",
            (kind, video, json.dumps(request)),
            "order by number desc limit 1",
        )
        return rows[0] if rows else None

    def take(self, kinds: Collection[JobKind]) -> JobRow | None:
        """The next job of these kinds, now running; None where none is queued."""
        if not self._order(kinds):
            return None
        with self._db.write() as database:
            order = self._order(kinds)
            if not order:
                return None
            database.execute(
                "update jobs set state = 'running', started = ?, tries = tries + 1, "
                "turn = (select coalesce(max(turn), -1) + 1 from jobs) where id = ?",
                (_now(), order[0]),
            )
        return self.get(order[0])

    def end(self, job: str, state: JobState, *, error: str | None = None, result: Any = None) -> None:
        """End a job; one that has ended already, or was deleted, is left alone."""
        text = json.dumps(result, allow_nan=False)
        with self._db.write() as database:
            database.execute(
                "update jobs set state = ?, error = ?, result = ?, ended = ? "
                "where id = ? and state in ('queued', 'running')",
                (state, error, text, _now(), job),
            )

    def delete(self, job: str) -> None:
        """Delete a job, if it is there."""
        with self._db.write() as database:
            database.execute("delete from jobs where id = ?", (job,))

    def requeue(self, job: str) -> None:
        """Queue a running job again as if it had never started, because the server shuts down in order."""
        with self._db.write() as database:
            database.execute(
                "update jobs set state = 'queued', started = null, turn = -1, tries = tries - 1 "
                "where id = ? and state = 'running'",
                (job,),
            )

    def position(self, job: JobRow, kinds: Collection[JobKind]) -> int:
        """How many jobs of these kinds come before a queued one."""
        key, writes = tuple(kinds), self._db.writes
        known = self._places.get(key)
        if known is None or known[0] != writes:
            places = {id: place for place, id in enumerate(self._order(kinds))}
            known = self._places[key] = writes, places
        return known[1].get(job.id, 0)

    def open_of(self, client: str) -> int:
        """How many jobs of a client wait or run."""
        where = "client = ? and state in ('queued', 'running')"
        return int(self._db.read(f"select count(*) from jobs where {where}", (client,))[0][0])  # noqa: S608

    def counts(self) -> dict[tuple[str, str], int]:
        """The number of jobs by kind and state."""
        rows = self._db.read("select kind, state, count(*) from jobs group by kind, state")
        return {(kind, state): count for kind, state, count in rows}

    def prune(self) -> list[str]:
        """Delete the oldest finished jobs beyond `KEPT_JOBS`, and return their ids."""
        old = self._db.read(
            "select id from jobs where state in ('done', 'failed', 'cancelled') order by number desc limit -1 offset ?",
            (KEPT_JOBS,),
        )
        if old:
            with self._db.write() as database:
                database.executemany("delete from jobs where id = ?", [(row[0],) for row in old])
        return [row[0] for row in old]

    def _insert(
        self,
        database: sqlite3.Connection,
        kind: JobKind,
        client: str,
        request: dict[str, Any],
        places: Sequence[tuple[str | None, str | None]],
    ) -> list[str]:
        """New jobs, one for each (video, key), if the queue has room for all. Raises QueueFull."""
        queued = [row[0] for row in database.execute("select client from jobs where state = 'queued'")]
        if len(queued) + len(places) > self.limit or queued.count(client) + len(places) > max(1, self.limit // 2):
            raise QueueFull(of_client=len(queued) < self.limit)
        jobs = [secrets.token_urlsafe(15) for _ in places]
        database.executemany(
            "insert into jobs (id, kind, state, client, key, video, request, created) values (?,?,?,?,?,?,?,?)",
            [
                (job, kind, "queued", client, key, video, json.dumps(request), _now())
                for job, (video, key) in zip(jobs, places, strict=True)
            ],
        )
        return jobs

    def _order(self, kinds: Collection[JobKind]) -> list[str]:
        marks = ",".join("?" * len(kinds))
        queued = self._db.read(
            f"select id, client from jobs where state = 'queued' and kind in ({marks}) order by number",  # noqa: S608
            tuple(kinds),
        )
        if not queued:
            return []
        served = self._db.read(
            f"select client, max(turn) from jobs where kind in ({marks}) group by client",  # noqa: S608
            tuple(kinds),
        )
        return fair_order([tuple(row) for row in queued], dict(map(tuple, served)))

    def _rows(
        self, where: str, values: tuple[Any, ...] = (), more: str = "", last: tuple[Any, ...] = (), results: bool = True
    ) -> list[JobRow]:
        result = "result" if results else "null as result"
        names = ", ".join(result if name == "result" else name for name in JobRow.__slots__)
        return self._db.made(_job_row, f"select {names} from jobs where {where} {more}", (*values, *last))  # noqa: S608

    def _queue_interrupted(self) -> None:
        """Queue the jobs again that a dead server was working on, except those that were started too often."""
        given_up = f"the server stopped {MAX_TRIES} times while it worked on this; the job is given up"
        with self._db.write() as database:
            database.execute(
                "update jobs set state = 'failed', ended = ?, error = ? "
                "where state = 'running' and tries >= ? and kind != 'watch'",
                (_now(), given_up, MAX_TRIES),
            )
            database.execute("update jobs set state = 'queued', started = null, turn = -1 where state = 'running'")


def _job_row(row: sqlite3.Row) -> JobRow:
    values = dict(row)
    values["request"] = json.loads(values["request"])
    values["result"] = json.loads(values["result"]) if values["result"] is not None else None
    return JobRow(**values)


def _key(batch: str, video: str) -> str:
    """The key of the job that asks one video of a batch."""
    return f"batch {batch} {video}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
