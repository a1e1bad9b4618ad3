"""The queue in SQLite: every job that was taken is there until it is answered, whatever happens to the server.

The database is held by one process at a time; the system frees it when that process dies. Jobs that were running then
are queued again when the store is opened.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, Literal

from whenabouts.errors import InputError, QueueFull
from whenabouts.server.jobs.order import fair

__all__ = ["FINAL", "Kind", "Row", "State", "Store"]

Kind = Literal["find", "clip", "copy", "index", "watch"]
State = Literal["queued", "running", "done", "failed", "cancelled"]
FINAL = frozenset({"done", "failed", "cancelled"})
TRIES = 5  # times that a job may be begun: one that takes the machine down with it is not begun for ever
KEPT = 2000  # finished jobs that are remembered
SCHEMA = """
create table if not exists jobs (
  number integer primary key autoincrement, id text unique not null, kind text not null, state text not null,
  client text not null, key text, video text, request text not null, turn integer not null default -1,
  tries integer not null default 0, error text, result text, created text not null, started text, ended text,
  unique (client, key)
);
create index if not exists by_state on jobs (state, number);
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A job as it is remembered; times are ISO 8601, in UTC."""

    number: int
    id: str
    kind: Kind
    state: State
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


class Store:
    """Jobs in the database at `path`. Raises InputError where another server holds it, or it is no such database."""

    def __init__(self, path: Path, *, limit: int = 200) -> None:
        self.limit = limit
        self._lock = RLock()
        self._db = sqlite3.connect(path, timeout=0.5, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("pragma locking_mode = exclusive")
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            self._db.execute("begin immediate")
            self._db.execute("commit")
            self._db.executescript(SCHEMA)
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" in str(error):
                raise InputError(f"another server works with {path.parent}; name another folder with --data") from None
            raise InputError(f"{path} cannot be opened: {error}") from None
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise InputError(f"{path} is damaged or no database of jobs ({error}); move it away") from None
        self._take_up_again()

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._db.close()

    def put(
        self, kind: Kind, client: str, request: dict[str, Any], *, video: str | None = None, key: str | None = None
    ) -> tuple[Row, bool]:
        """A new job and True; or the one that this client asked for with the same `key`, and False.

        Raises QueueFull.
        """
        with self._lock:
            if key is not None and (known := self._rows("client = ? and key = ?", (client, key))):
                return known[0], False
            waiting = self._rows("state = 'queued'")
            of_client = sum(row.client == client for row in waiting)
            if len(waiting) >= self.limit or of_client >= max(1, self.limit // 2):
                raise QueueFull(len(waiting) < self.limit)
            made = secrets.token_urlsafe(15)
            self._db.execute(
                "insert into jobs (id, kind, state, client, key, video, request, created) values (?,?,?,?,?,?,?,?)",
                (made, kind, "queued", client, key, video, json.dumps(request), _now()),
            )
            return self.get(made), True

    def get(self, job: str) -> Row:
        """One job. Raises KeyError."""
        with self._lock:
            rows = self._rows("id = ?", (job,))
        if not rows:
            raise KeyError(job)
        return rows[0]

    def newest(self, state: State | None = None, limit: int = 100, video: str | None = None) -> list[Row]:
        """The newest jobs first, without results; of one video where that is named."""
        with self._lock:
            where, values = "(? is null or state = ?) and (? is null or video = ?)", (state, state, video, video)
            return self._rows(where, values, "order by number desc limit ?", (limit,), results=False)

    def find(self, kind: Kind, video: str, request: dict[str, Any]) -> Row | None:
        """The newest job that asks for this and has not failed."""
        with self._lock:
            rows = self._rows(
                "kind = ? and video = ? and request = ? and state in ('queued', 'running', 'done')",
                (kind, video, json.dumps(request)),
                "order by number desc limit 1",
            )
        return rows[0] if rows else None

    def take(self, kinds: Collection[Kind]) -> Row | None:
        """The next job of these kinds, now running; None where none waits."""
        with self._lock:
            order = self._order(kinds)
            if not order:
                return None
            turn = self._db.execute("select coalesce(max(turn), -1) + 1 from jobs").fetchone()[0]
            self._db.execute(
                "update jobs set state = 'running', started = ?, turn = ?, tries = tries + 1 where id = ?",
                (_now(), turn, order[0]),
            )
            return self.get(order[0])

    def end(self, job: str, state: State, *, error: str | None = None, result: Any = None) -> None:
        """A job that has not ended yet ends; one that has stays as it is, and one that is forgotten stays forgotten."""
        with self._lock:
            self._db.execute(
                "update jobs set state = ?, error = ?, result = ?, ended = ? "
                "where id = ? and state in ('queued', 'running')",
                (state, error, json.dumps(result, allow_nan=False), _now(), job),
            )

    def forget(self, job: str) -> None:
        """Nothing is known of a job any more."""
        with self._lock:
            self._db.execute("delete from jobs where id = ?", (job,))

    def release(self, job: str) -> None:
        """A running job waits again, as if it had never begun: the server ends in order."""
        with self._lock:
            self._db.execute(
                "update jobs set state = 'queued', started = null, turn = -1, tries = tries - 1 "
                "where id = ? and state = 'running'",
                (job,),
            )

    def position(self, job: Row, kinds: Collection[Kind]) -> int:
        """How many jobs of these kinds are done before a queued one."""
        with self._lock:
            order = self._order(kinds)
        return order.index(job.id) if job.id in order else 0

    def counts(self) -> dict[tuple[str, str], int]:
        """Jobs by kind and state."""
        with self._lock:
            rows = self._db.execute("select kind, state, count(*) from jobs group by kind, state").fetchall()
        return {(kind, state): count for kind, state, count in rows}

    def prune(self) -> list[str]:
        """Forget the oldest of the finished jobs beyond a number; which ones."""
        with self._lock:
            old = self._db.execute(
                "select id from jobs where state in ('done', 'failed', 'cancelled') "
                "order by number desc limit -1 offset ?",
                (KEPT,),
            ).fetchall()
            self._db.executemany("delete from jobs where id = ?", [(row[0],) for row in old])
        return [row[0] for row in old]

    def _order(self, kinds: Iterable[Kind]) -> list[str]:
        marks = ",".join("?" * len(list(kinds)))
        with closing(self._db.cursor()) as cursor:
            waiting = cursor.execute(
                f"select id, client from jobs where state = 'queued' and kind in ({marks}) order by number",  # noqa: S608
                tuple(kinds),
            ).fetchall()
            served = cursor.execute(
                f"select client, max(turn) from jobs where kind in ({marks}) group by client",  # noqa: S608
                tuple(kinds),
            ).fetchall()
        return fair([tuple(row) for row in waiting], dict(map(tuple, served)))

    def _rows(
        self, where: str, values: tuple[Any, ...] = (), more: str = "", last: tuple[Any, ...] = (), results: bool = True
    ) -> list[Row]:
        result = "result" if results else "null as result"
        names = ", ".join(result if name == "result" else name for name in Row.__slots__)
        found = self._db.execute(f"select {names} from jobs where {where} {more}", (*values, *last))  # noqa: S608
        return [_row(row) for row in found.fetchall()]

    def _take_up_again(self) -> None:
        with self._lock:
            self._db.execute(
                "update jobs set state = 'failed', ended = ?, error = ? "
                "where state = 'running' and tries >= ? and kind != 'watch'",
                (_now(), f"this was begun {TRIES} times, and each time the server ended before it was done", TRIES),
            )
            self._db.execute("update jobs set state = 'queued', started = null, turn = -1 where state = 'running'")


def _row(row: sqlite3.Row) -> Row:
    values = dict(row)
    values["request"] = json.loads(values["request"])
    values["result"] = json.loads(values["result"]) if values["result"] is not None else None
    return Row(**values)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
