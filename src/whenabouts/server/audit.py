"""The audit log: who did what, and when. A row is on the disk before its answer is sent; SQLite refuses to change one.

What is only looked at is not in it, and no token, session, address of a stream or body of a request ever is.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whenabouts.errors import DataUnavailable
from whenabouts.server.database import Database, Report
from whenabouts.server.exchange import SAFE
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.users import User

__all__ = ["AuditLog", "AuditRow", "Audited", "note"]

log = logging.getLogger(__name__)

SCHEMA = """
create table audit (
  number integer primary key autoincrement, at text not null, user text, client text not null, action text not null,
  request text not null, status integer not null, detail text not null
);
create index audit_of_user on audit (user, number);
create trigger audit_stays before update on audit begin select raise(abort, 'the audit log only grows'); end;
create trigger audit_keeps before delete on audit begin select raise(abort, 'the audit log only grows'); end;
create trigger audit_grows before insert on audit when exists (select 1 from audit where number = new.number)
begin select raise(abort, 'the audit log only grows'); end
"""
REFUSED = frozenset({401, 403, 429})
BY_ROUTE = {
    "POST /api/session": "logged in",
    "DELETE /api/session": "logged out",
    "POST /api/videos": "uploaded",
    "POST /api/stringout": "exported",
    "POST /api/videos/{video}/transcript": "exported",
}
EXPORTS = ("/export", "/file", ".jsonl", ".csv")
BY_SCOPE = {"ask": "asked", "correct": "corrected", "administer": "administered"}
REFUSALS_A_MINUTE = 120  # that are written: nobody can fill the disk with them
PAGE = 1000  # rows
MAX_PATH = 200  # characters of an address that no route has


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that somebody did.

    at:      ISO 8601 in UTC
    user:    None where nobody was logged in
    client:  the address that the request came from
    request: its method and route; status: of the answer
    detail:  the video, the job, the queries …, as far as there are any
    """

    number: int
    at: str
    user: str | None
    client: str
    action: str
    request: str
    status: int
    detail: dict[str, Any]


class AuditLog:
    """The rows in the database at `path`. Raises InputError where it cannot be read."""

    def __init__(self, path: Path, report: Report | None = None) -> None:
        self._db = Database(path, SCHEMA, {}, report=report)
        self._report = report
        self._minute, self._refusals = 0, 0

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def add(
        self, user: str | None, client: str, action: str, request: str, status: int, detail: dict[str, Any]
    ) -> None:
        """Append a row. Where the disk does not allow it, that is reported and the answer is sent all the same."""
        if action == "refused" and not self._may_tell():
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        values = (at, user, client, action, request, status, json.dumps(detail, ensure_ascii=False))
        try:
            with self._db.write() as database:
                database.execute(
                    "insert into audit (at, user, client, action, request, status, detail) values (?,?,?,?,?,?,?)",
                    values,
                )
        except DataUnavailable as error:
            log.error("the audit log cannot be written: %s", error)
            if self._report is not None:
                self._report(error)

    def newest(
        self, limit: int = 100, before: int | None = None, user: str | None = None, action: str | None = None
    ) -> list[AuditRow]:
        """The newest rows first, older than row `before`, of one user or of one action where given."""
        where = "(?1 is null or number < ?1) and (?2 is null or user = ?2) and (?3 is null or action = ?3)"
        statement = f"select * from audit where {where} order by number desc limit ?4"  # noqa: S608
        return self._db.made(_row, statement, (before, user, action, limit))

    def all(self) -> Iterator[AuditRow]:
        """All rows, the oldest first."""
        last = 0
        while rows := self._db.made(_row, "select * from audit where number > ? order by number limit ?", (last, PAGE)):
            yield from rows
            last = rows[-1].number

    def _may_tell(self) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._refusals = minute, 0
        self._refusals += 1
        return self._refusals <= REFUSALS_A_MINUTE


def note(scope: MutableMapping[str, Any], **detail: Any) -> None:
    """Add to what the audit log will say of this request."""
    scope.setdefault("audit", {}).update(detail)


class Audited:
    """Middleware that appends to the audit log of a server with users, whose addresses are `routes`."""

    def __init__(self, app: ASGIApp, audit: AuditLog, routes: Sequence[BaseRoute]) -> None:
        self.app, self.audit, self.routes = app, audit, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._tell(scope, message["status"])
            await send(message)

        try:
            await self.app(scope, receive, told)
        except HTTPRefusal as refusal:
            await self._tell(scope, refusal.status_code)
            raise

    async def _tell(self, scope: Scope, status: int) -> None:
        user: User | None = scope.get("user")
        if scope["type"] != "http" or not scope.get("has_users"):
            return
        path, params = self._address(scope)
        route = f"{scope['method']} {path}"
        if (action := _action(scope, route, status)) is None:
            return
        detail = {**params, **scope.get("audit", {})}
        client = (scope.get("client") or ("local",))[0]
        await asyncio.to_thread(self.audit.add, user.name if user else None, client, action, route, status, detail)

    def _address(self, scope: Scope) -> tuple[str, dict[str, Any]]:
        """The route of a request and what its path names, also of one that was refused before it came to its route."""
        if (route := scope.get("route")) is not None:
            return route.path, scope.get("path_params", {})
        for each in self.routes:
            match, found = each.matches(scope)
            if match is Match.FULL and isinstance(each, Route):
                return each.path, found.get("path_params", {})
        return scope["path"][:MAX_PATH], {}


def _action(scope: Scope, route: str, status: int) -> str | None:
    """What a request did, in a word; None for what the log leaves out: looking, and what did not happen."""
    from whenabouts.server.scopes import NEEDS

    if status in REFUSED:
        return "refused"
    if status >= 400:
        return None
    if route in BY_ROUTE:
        return BY_ROUTE[route]
    if route.endswith(EXPORTS):
        return "exported"
    if scope["method"] in SAFE:
        return None
    return "deleted" if scope["method"] == "DELETE" else BY_SCOPE.get(NEEDS.get(route) or "", "asked")


def _row(row: Any) -> AuditRow:
    return AuditRow(**{**dict(row), "detail": json.loads(row["detail"])})
