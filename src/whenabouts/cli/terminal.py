"""What may go to a terminal: characters that its encoding has, and none that command it."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from whenabouts.language import translate
from whenabouts.printable import json_text, visible

__all__ = ["drop_output", "json_text", "open_streams", "resumable", "tolerant_output", "visible"]

ESCAPED = "whenabouts.escaped"


@contextmanager
def resumable() -> Iterator[None]:
    """Where the user stops what is done in the block, tell that the same command goes on with it."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"whenabouts: {translate('interrupted; the same command goes on where it stopped')}", file=sys.stderr)
        raise


def open_streams() -> bool:
    """Put the null device in the place of streams that were closed: else the next file gets their number.

    Whether there is a standard output, so that an answer can be told.
    """
    closed = set()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            closed.add(number)
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))
    return 1 not in closed


def drop_output() -> None:
    """Let what is left of the output go nowhere: its reader has ended, or its disk takes no more."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def tolerant_output() -> None:
    r"""Let stdout and stderr write no commands, and what their encoding lacks as `\u2013`, as JSON may be too."""
    codecs.register_error(ESCAPED, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors=ESCAPED)
    sys.stdout, sys.stderr = _Printable(sys.stdout), _Printable(sys.stderr)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)), error.end


class _Printable:
    """A stream on which nothing commands the terminal; rich, whose colours do, takes the one behind it."""

    def __init__(self, stream: Any) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> Any:
        """Write what of the text may be shown."""
        return self.rich_proxied_file.write(visible(text))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write what of each may be shown."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)
