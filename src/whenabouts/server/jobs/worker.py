"""The inside of a process that works for the server: `python -m whenabouts.server.jobs.worker`."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from queue import SimpleQueue
from threading import Thread
from typing import Any, TextIO

from whenabouts.errors import WhenaboutsError
from whenabouts.server.jobs.tasks import TASKS

OFTEN = 0.1  # seconds between two tellings of one step


def main() -> None:
    """Work on tasks from stdin, one after another, until it ends."""
    out = _private_stdout()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked: SimpleQueue[str] = SimpleQueue()
    Thread(target=_listen, args=(asked,), daemon=True).start()
    while True:
        task = json.loads(asked.get())
        out.write(json.dumps(_answer(task, out)) + "\n")
        out.flush()


def _private_stdout() -> TextIO:
    """The pipe to the server; whatever else is printed in this process goes to stderr."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def _listen(asked: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        asked.put(line)
    os._exit(0)  # the server is gone: what this process does is of no use any more


def _answer(task: dict[str, Any], out: TextIO) -> dict[str, Any]:
    told_step, told_at = "", 0.0

    def tell(step: str, progress: float) -> None:
        nonlocal told_step, told_at
        now = time.monotonic()
        if step != told_step or now - told_at >= OFTEN:
            told_step, told_at = step, now
            out.write(json.dumps({"step": step, "progress": min(1.0, max(0.0, progress))}) + "\n")
            out.flush()

    try:
        return {"result": TASKS[task["task"]](task["request"], tell)}
    except WhenaboutsError as error:
        return {"error": str(error), "ours": False}
    except MemoryError:
        return {"error": "there is not enough memory for this", "ours": True}
    except Exception:
        traceback.print_exc()
        return {"error": "this failed for a reason that only the server's log tells", "ours": True}


if __name__ == "__main__":
    main()
