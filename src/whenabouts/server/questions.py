"""Saved questions, in SQLite: those of one person by name, and those that everybody shares."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from whenabouts.server.database import Database, Report

__all__ = ["QuestionStore", "SavedQuestion"]

MAX_QUESTIONS = 1000  # that one user saves, and as many that they share
SCHEMA = """
create table questions (
  number integer primary key autoincrement, id text unique not null, query text not null, owner text not null,
  author text, unique (query, owner)
)
"""
UPGRADES = {2: "alter table questions add column author text"}


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A question; `owner` is the name of a person, or None where everybody shares it.

    author: the user who saved it; None where there were no users then
    """

    id: str
    query: str
    owner: str | None
    author: str | None


class QuestionStore:
    """Questions in the database at `path`. Raises InputError where it cannot be read."""

    def __init__(self, path: Path, report: Report | None = None) -> None:
        self._db = Database(path, SCHEMA, UPGRADES, report=report)

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def of(self, owner: str | None) -> list[SavedQuestion]:
        """The shared questions and those of one person, the oldest first. Raises DataUnavailable."""
        return self._rows("owner in ('', ?)", owner or "")

    def get(self, id: str) -> SavedQuestion | None:
        """One question, if it is there. Raises DataUnavailable."""
        return next(iter(self._rows("id = ?", id)), None)

    def put(self, query: str, owner: str | None, author: str | None) -> SavedQuestion | None:
        """Save a question; one that is there stays. None where its author has too many. Raises DataUnavailable."""
        name = owner or ""
        with self._db.write() as database:
            known = self._rows("query = ? and owner = ?", query, name)
            count = len(self._rows("owner = ? and author is ?", name, author))
            if known or count >= MAX_QUESTIONS:
                return known[0] if known else None
            made = SavedQuestion(secrets.token_urlsafe(12), query, owner, author)
            values = (made.id, query, name, author)
            database.execute("insert into questions (id, query, owner, author) values (?, ?, ?, ?)", values)
        return made

    def delete(self, id: str) -> bool:
        """Whether there was such a question; there is none now. Raises DataUnavailable."""
        with self._db.write() as database:
            return database.execute("delete from questions where id = ?", (id,)).rowcount > 0

    def _rows(self, where: str, *values: str | None) -> list[SavedQuestion]:
        statement = f"select number, id, query, owner, author from questions where {where} order by number"  # noqa: S608
        return self._db.made(
            lambda row: SavedQuestion(row["id"], row["query"], row["owner"] or None, row["author"]), statement, values
        )
