"""How a process that the server started tells it values: lines of JSON at what was its stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from threading import Lock
from typing import Any

__all__ = ["teller"]


def teller() -> Callable[[dict[str, Any]], None]:
    """What writes one value, from any thread; whatever else is printed in this process goes to stderr from now on.

    When the server is gone it writes nowhere: the end of stdin says that, to whom it concerns.
    """
    out, lock = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"), Lock()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(value: dict[str, Any]) -> None:
        with lock:
            try:
                out.write(json.dumps(value) + "\n")
                out.flush()
            except BrokenPipeError:  # what could not be written would be tried again when the file is closed
                os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())

    return tell
