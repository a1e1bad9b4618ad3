"""Log lines on stderr, for the command line, the server and the processes they start; a library leaves logging alone.

Code logs through `logging.getLogger(__name__)`, so each line has a room, such as `server.jobs.runner`. What a program
may read is passed as fields: `log.info("job ended", extra={"state": "done", "seconds": 4.2})`.

    as it is    warnings and errors, one line each
    --log text  what is done too: no query, no path and no name of a file
    --log json  the same, an object a line
    --debug     everything, with tracebacks

The choice is kept in the environment, where worker processes find it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Any, Literal

__all__ = ["DEBUG", "FORMAT", "Format", "choose", "debugging", "inherit", "start"]

Format = Literal["text", "json"]
DEBUG = "WHENABOUTS_DEBUG"
FORMAT = "WHENABOUTS_LOG"
OFF = {"", "0", "false", "off", "no"}
OWN = "whenabouts."
ORDINARY = {*vars(logging.makeLogRecord({})), "message", "asctime"}  # attributes that every record has


def choose(debug: bool, form: Format | None) -> None:
    """Set what is logged, for this process and those that it starts, and `start`."""
    os.environ[DEBUG] = "1" if debug else ""
    os.environ[FORMAT] = form or ""
    start()


def debugging() -> bool:
    """Whether the environment asks for everything."""
    return os.environ.get(DEBUG, "").lower() not in OFF


def start() -> None:
    """Log to stderr as the environment says. A second call replaces the first."""
    form, debug = os.environ.get(FORMAT), debugging()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONLines() if form == "json" else Lines() if form or debug else Sentences())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    ours = logging.getLogger(__name__.partition(".")[0])
    ours.setLevel(logging.DEBUG if debug else logging.INFO if form else logging.WARNING)


def inherit() -> None:
    """In a child process: log as the program that began it chose; nothing where that was not the command line."""
    if FORMAT in os.environ:
        start()


class Sentences(logging.Formatter):
    """`whenabouts: message field=value`, as errors are printed, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """A record."""
        fields = [f"{name}={value}" for name, value in _fields(record).items()]
        said = f"{self.head(record)}: {_printable(' '.join([record.getMessage(), *fields]))}"
        return f"{said}\n{self.formatException(record.exc_info)}" if record.exc_info else said

    def head(self, record: logging.LogRecord) -> str:
        """What stands before the message."""
        return record.name.partition(".")[0]


class Lines(Sentences):
    """`time level room: message field=value`, with the traceback."""

    def head(self, record: logging.LogRecord) -> str:
        """What stands before the message."""
        return f"{_time(record)} {record.levelname.lower():7} {_room(record)}"


class JSONLines(logging.Formatter):
    """An object a line: time, level, room, message, the fields, and a traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """A record."""
        said: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "room": _room(record),
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What was passed as fields: a name with a bar before it is another library's, as Ray puts on every record."""
    return {name: value for name, value in vars(record).items() if name not in ORDINARY and not name.startswith("_")}


def _time(record: logging.LogRecord) -> str:
    """To the millisecond, in UTC."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _room(record: logging.LogRecord) -> str:
    return record.name.removeprefix(OWN)


def _printable(text: str) -> str:
    """One line without control characters: no stranger's text begins a line of its own or commands the terminal."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
