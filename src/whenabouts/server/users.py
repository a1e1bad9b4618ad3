"""Users of a server, their tokens and sessions, in SQLite; `whenabouts users` and a running server share the file.

A token is 256 random bits, shown once: what is kept is its SHA-256, which nobody can turn back. A session is the same
for a browser; it ends with its token. A user who was removed keeps their name, so that it never becomes another's.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from whenabouts.errors import InputError
from whenabouts.server.database import Database, Report

__all__ = ["ANYONE", "NOBODY", "SCOPES", "Quota", "Scope", "Token", "User", "UserStore", "have_users", "open_users"]

Scope = Literal["read", "ask", "correct", "administer"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
FILE = "users.sqlite"  # in the data folder
SESSION_DAYS = 14
NAME = re.compile(r"[^\W_][\w.@-]{0,59}")  # short enough for an annotator's name
SCHEMA = """
create table users (
  name text primary key, scopes text not null, folders text, quota text not null, created text not null, removed text
);
create table tokens (
  id text primary key, hash text unique not null, user text not null references users (name), scopes text not null,
  created text not null, expires text not null, revoked text
);
create table sessions (hash text primary key, token text not null references tokens (id), expires text not null);
create table usage (
  number integer primary key autoincrement, user text not null, at real not null, jobs integer not null,
  seconds real not null, bytes integer not null
);
create index usage_of_user on usage (user, at)
"""
VALID = (
    "select users.name, users.scopes, users.folders, users.quota, tokens.id, tokens.scopes as narrowed, tokens.expires "
    "from tokens join users on users.name = tokens.user "
    "where users.removed is null and tokens.revoked is null and tokens.expires > ? and "
)


@dataclass(frozen=True, slots=True)
class Quota:
    """What one user may take; None is without a limit. A day is the last 24 hours."""

    jobs_at_once: int | None = None
    jobs_a_day: int | None = None
    seconds_a_day: float | None = None  # of video
    upload_bytes_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Who sends a request, and what they may do.

    name:    None where the server has no users
    folders: they see the videos below these, and what they uploaded; None is every video
    token:   the id of the token that they use
    """

    name: str | None
    scopes: frozenset[Scope]
    folders: tuple[Path, ...] | None = None
    quota: Quota = field(default_factory=Quota)
    token: str | None = None

    def sees(self, path: Path) -> bool:
        """Whether a path, links followed, is in a folder that was granted."""
        return self.folders is None or any(path.is_relative_to(folder) for folder in self.folders)

    def granted(self, folder: Path) -> tuple[Path, ...]:
        """The parts of a folder that this user may see: all of it, some folders in it, or none."""
        if self.sees(folder):
            return (folder,)
        return tuple(each for each in self.folders or () if each.is_relative_to(folder))


ANYONE = User(None, frozenset(SCOPES))  # the one person at a server without users
NOBODY = User(None, frozenset())  # without a token that is valid


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed; `state` is valid, expired or revoked."""

    id: str
    user: str
    scopes: tuple[str, ...]
    created: str
    expires: str
    state: str


class UserStore:
    """Users, tokens and sessions in the database at `path`. Raises InputError where it cannot be read."""

    def __init__(self, path: Path, report: Report | None = None) -> None:
        self.database = Database(path, SCHEMA, {}, report=report)
        self._exist = False

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    @property
    def exist(self) -> bool:
        """Whether the server has users, or had some: it never opens to everybody again. Raises DataUnavailable."""
        self._exist = self._exist or bool(self.database.read("select 1 from users limit 1"))
        return self._exist

    def add(self, name: str, scopes: Collection[Scope], folders: Collection[Path] | None, quota: Quota) -> None:
        """A new user. Raises InputError where the name is taken, or a folder does not exist."""
        if not NAME.fullmatch(name):
            raise InputError(f"{name!r} is not a name of a user: letters, digits and . _ - @, at most 60")
        values = (name, _scopes(scopes), _folders(folders), json.dumps(asdict(quota)), _now())
        with self.database.write() as database:
            if database.execute("select 1 from users where name = ?", (name,)).fetchone():
                raise InputError(f"there is or was a user {name!r}; choose another name")
            database.execute("insert into users (name, scopes, folders, quota, created) values (?, ?, ?, ?, ?)", values)

    def change(self, user: User) -> None:
        """Give a user other scopes, folders or quota. Raises InputError where there is no such user."""
        values = (_scopes(user.scopes), _folders(user.folders), json.dumps(asdict(user.quota)), user.name)
        self._update("users", f"no user {user.name!r}", "scopes = ?, folders = ?, quota = ? where name = ?", *values)

    def remove(self, name: str) -> None:
        """Refuse a user from now on; the name stays taken. Raises InputError where there is no such user."""
        self._update("users", f"no user {name!r}", "removed = ? where removed is null and name = ?", _now(), name)

    def issue(self, name: str, days: float, scopes: Collection[Scope] | None = None) -> str:
        """A new token of a user, for some of their scopes or for all that they ever have.

        Raises InputError where there is no such user, or one without these scopes.
        """
        user = self.user(name)
        if missing := [scope for scope in scopes or () if scope not in user.scopes]:
            raise InputError(f"{name!r} does not have the scope {missing[0]!r}; give it with `whenabouts users change`")
        token = f"whenabouts-{secrets.token_urlsafe(32)}"
        values = (secrets.token_hex(4), _digest(token), name, _scopes(scopes or SCOPES), _now(), _now(days))
        with self.database.write() as database:
            database.execute(
                "insert into tokens (id, hash, user, scopes, created, expires) values (?, ?, ?, ?, ?, ?)", values
            )
        return token

    def revoke(self, token: str) -> None:
        """Refuse a token and its sessions from now on. Raises InputError where there is no such token."""
        self._update(
            "tokens", f"no valid token {token!r}", "revoked = ? where revoked is null and id = ?", _now(), token
        )

    def user(self, name: str) -> User:
        """A user by name. Raises InputError where there is none."""
        rows = self.database.read("select * from users where removed is null and name = ?", (name,))
        if not rows:
            raise InputError(f"there is no user {name!r}; `whenabouts users list` lists them")
        return _user(rows[0])

    def users(self) -> list[User]:
        """All users, by name."""
        return [_user(row) for row in self.database.read("select * from users where removed is null order by name")]

    def tokens(self) -> list[Token]:
        """All tokens that were ever issued, the oldest first."""
        now = _now()
        rows = self.database.read("select * from tokens order by created")
        return [
            Token(
                row["id"],
                row["user"],
                tuple(row["scopes"].split()),
                row["created"],
                row["expires"],
                "revoked" if row["revoked"] else "valid" if row["expires"] > now else "expired",
            )
            for row in rows
        ]

    def by_token(self, token: str) -> User | None:
        """Whose token it is; None where it is unknown, expired or revoked."""
        return self._valid("tokens.hash = ?", _digest(token))

    def by_session(self, session: str) -> User | None:
        """Whose session it is; None where it is unknown or has ended."""
        where = "tokens.id = (select token from sessions where hash = ? and expires > ?)"
        return self._valid(where, _digest(session), _now())

    def log_in(self, user: User) -> tuple[str, int]:
        """A new session of a user who sent a token, and for how many seconds it is valid."""
        session, days = secrets.token_urlsafe(32), SESSION_DAYS
        with self.database.write() as database:
            database.execute("delete from sessions where expires <= ?", (_now(),))
            database.execute("insert into sessions values (?, ?, ?)", (_digest(session), user.token, _now(days)))
        return session, days * 86400

    def log_out(self, session: str) -> None:
        """End a session."""
        with self.database.write() as database:
            database.execute("delete from sessions where hash = ?", (_digest(session),))

    def _valid(self, where: str, *values: str) -> User | None:
        rows = self.database.read(VALID + where, (_now(), *values))
        return _user(rows[0], rows[0]["narrowed"].split(), rows[0]["id"]) if rows else None

    def _update(self, table: str, missing: str, change: str, *values: object) -> None:
        with self.database.write() as database:
            if not database.execute(f"update {table} set {change}", values).rowcount:  # noqa: S608
                raise InputError(f"there is {missing}; `whenabouts users list` lists them")


@contextmanager
def open_users(data: Path) -> Iterator[UserStore]:
    """The users of the server with this data folder, whether it runs or not. Raises InputError."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(f"{data} cannot be used ({error.strerror}); give another folder with --data") from error
    store = UserStore(data / FILE)
    try:
        yield store
    finally:
        store.close()


def have_users(data: Path) -> bool:
    """Whether the server with this data folder has users, or had some. Raises InputError."""
    if not (data / FILE).exists():
        return False
    with open_users(data) as users:
        return users.exist


def _user(row: sqlite3.Row, narrowed: Collection[str] = SCOPES, token: str | None = None) -> User:
    scopes = frozenset(scope for scope in SCOPES if scope in row["scopes"].split() and scope in narrowed)
    folders = None if row["folders"] is None else tuple(Path(each) for each in json.loads(row["folders"]))
    return User(row["name"], scopes, folders, Quota(**json.loads(row["quota"])), token)


def _scopes(scopes: Collection[Scope]) -> str:
    return " ".join(scope for scope in SCOPES if scope in scopes)


def _folders(folders: Collection[Path] | None) -> str | None:
    if folders is None:
        return None
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder} is not a directory; give folders that hold videos")
    return json.dumps([str(folder.resolve()) for folder in folders])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _now(days: float = 0.0) -> str:
    """The time in so many days."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="microseconds")
