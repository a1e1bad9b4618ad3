"""Work in forks of this process, which have the modules already that are loaded here."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

__all__ = ["forked", "made_in_a_fork"]


def forked(work: Callable[[], object]) -> int:
    """The number of a process that does some work, and ends with the exit code that Python would end with."""
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def made_in_a_fork(make: Callable[[], Any]) -> Any:
    """What `make` gives, as JSON holds it. Threads that it starts are not in this process, which goes on to fork."""
    incoming, outgoing = os.pipe()

    def tell() -> None:
        with os.fdopen(outgoing, "w") as out:
            json.dump(make(), out)

    process = forked(tell)
    os.close(outgoing)
    with os.fdopen(incoming) as told:
        content = told.read()
    _, status = os.waitpid(process, 0)
    assert status == 0, "see what was written to standard error"
    return json.loads(content)
