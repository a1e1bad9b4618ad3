"""Inside a worker process: `python -m whenabouts.server.jobs.worker SETTINGS`.

SETTINGS is JSON: `warm_limit`, bytes of the models that stay loaded between tasks, null for the default of the package;
and `limits`, what reading one video may take. That happens in a child, so that a file which crashes it leaves the
models loaded.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Any

from whenabouts import logs
from whenabouts.errors import WhenaboutsError
from whenabouts.isolation import ChildLimits
from whenabouts.server.jobs.process import INTERNAL_ERROR
from whenabouts.server.jobs.report import Report
from whenabouts.server.jobs.tasks import LONG, TASKS
from whenabouts.server.telling import teller
from whenabouts.video.isolated import isolate

log = logging.getLogger(__name__)

REPORT_INTERVAL = 0.1  # seconds between two reports of the same step
LOW_PRIORITY = 10  # of the processes that work on long tasks, as `nice` counts


def main(arguments: Sequence[str]) -> None:
    """Do the tasks that arrive on stdin, one after another, until it ends."""
    tell = teller()
    logs.start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = json.loads(arguments[0])
    limit_warm_models(settings["warm_limit"])
    isolate(ChildLimits(**settings["limits"]))
    tasks: SimpleQueue[str] = SimpleQueue()
    Thread(target=_read_stdin, args=(tasks,), daemon=True).start()
    while True:
        message = json.loads(tasks.get())
        tell(_answer(message, tell))


def limit_warm_models(limit: int | None) -> None:
    """Bound the bytes of the models that stay loaded; None leaves the default of the package."""
    from whenabouts.grounders.warm import WARM

    if limit is not None:
        WARM.limit_bytes = limit


def _read_stdin(tasks: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        tasks.put(line)
    os._exit(0)  # the server is gone, and nobody can use what this process does


def _give_way() -> None:
    """Let the server run before this process: its clients must not wait for hours of work."""
    if sys.platform != "win32" and os.getpriority(os.PRIO_PROCESS, 0) < LOW_PRIORITY:
        os.setpriority(os.PRIO_PROCESS, 0, LOW_PRIORITY)


def _answer(message: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    last_step, last_report = "", 0.0

    def progress(step: str, fraction: float) -> None:
        nonlocal last_step, last_report
        now = time.monotonic()
        if step != last_step or now - last_report >= REPORT_INTERVAL:
            last_step, last_report = step, now
            tell({"step": step, "progress": min(1.0, max(0.0, fraction))})

    if message["task"] in LONG:
        _give_way()
    report = Report(progress, early=lambda result: tell({"early": result}))
    try:
        return {"result": TASKS[message["task"]](message["request"], report)}
    except WhenaboutsError as error:
        return {"error": str(error), "internal": False}
    except MemoryError:
        return {"error": "the server has not enough memory for this", "internal": True}
    except Exception:
        log.exception("failed", extra={"task": message["task"]})
        return {"error": INTERNAL_ERROR, "internal": True}


if __name__ == "__main__":
    main(sys.argv[1:])
