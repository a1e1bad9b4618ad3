"""What may go to a terminal: characters that its encoding has, and none that command it."""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from whenabouts.language import translate

__all__ = ["drop_output", "json_text", "open_streams", "resumable", "tolerant_output", "visible"]

CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")  # all but the tab and the line feed
ESCAPED = "whenabouts.escaped"


def visible(text: str) -> str:
    r"""The text with U+FFFD for control characters, so that no stranger's text moves the cursor or names the window.

    >>> visible("red: \x1b[31m")
    'red: �[31m'
    """
    return CONTROLS.sub("\ufffd", text)


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON with letters as they are; control characters that JSON would allow are escaped too."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@contextmanager
def resumable() -> Iterator[None]:
    """Where the user stops what is done in the block, tell that the same command goes on with it."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"whenabouts: {translate('interrupted; the same command goes on where it stopped')}", file=sys.stderr)
        raise


def open_streams() -> None:
    """Put the null device in the place of streams that were closed: else the next file gets their number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


def drop_output() -> None:
    """Let what is left of the output go nowhere: its reader has ended, or its disk takes no more."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def tolerant_output() -> None:
    r"""Let stdout and stderr write what their encoding lacks as `\u2013`, which is valid in JSON too."""
    codecs.register_error(ESCAPED, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors=ESCAPED)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)), error.end
