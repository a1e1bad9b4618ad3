"""SQLite files of the server: opened so that nothing is lost, and brought to the schema of this version.

SQLite's `user_version` counts versions of the schema. Version 0 is a new file, or one that whenabouts 0.1 wrote, which
called a video `film` and set no version.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from whenabouts.errors import InputError

__all__ = ["VERSION", "open_database"]

VERSION = 2  # of the schemas of this release


def open_database(path: Path, schema: str, upgrade: str, *, exclusive: bool = False) -> sqlite3.Connection:
    """The database at `path`, made with `schema` where it is new and brought up to date with `upgrade` where it is old.

    upgrade:   statements that turn the schema of whenabouts 0.1 into `schema`
    exclusive: only one process at a time may open the file

    Every statement commits by itself. Raises InputError where another server has the file open, where a newer version
    of whenabouts wrote it, and where it is damaged.
    """
    database = sqlite3.connect(path, timeout=0.5, check_same_thread=False, isolation_level=None)
    try:
        if exclusive:
            database.execute("pragma locking_mode = exclusive")
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = full")
        database.execute("begin immediate")
        _bring_up_to_date(database, path, schema, upgrade)
        database.execute("commit")
    except sqlite3.OperationalError as error:
        database.close()
        if "locked" in str(error):
            raise InputError(f"another server is using {path.parent}; give another folder with --data") from None
        raise InputError(f"{path} cannot be opened: {error}; move it away or give another folder with --data") from None
    except sqlite3.DatabaseError as error:
        database.close()
        raise InputError(f"{path} is damaged or not a database of whenabouts ({error}); move it away") from None
    except InputError:
        database.close()
        raise
    return database


def _bring_up_to_date(database: sqlite3.Connection, path: Path, schema: str, upgrade: str) -> None:
    version = database.execute("pragma user_version").fetchone()[0]
    if version > VERSION:
        raise InputError(
            f"{path} is from a newer version of whenabouts; update whenabouts or give another folder with --data"
        )
    is_new = database.execute("select count(*) from sqlite_schema where type = 'table'").fetchone()[0] == 0
    if version < VERSION:
        for statement in (schema if is_new else upgrade).split(";"):
            database.execute(statement)
        database.execute(f"pragma user_version = {VERSION}")
