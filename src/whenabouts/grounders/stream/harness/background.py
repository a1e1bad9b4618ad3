"""Work that is done while the stream goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

__all__ = ["Run", "background"]

Run = Callable[[Callable[[], str]], "Future[str]"]


def background(job: Callable[[], str]) -> Future[str]:
    """Begin a job in a thread of its own, which does not keep the program from ending."""
    done: Future[str] = Future()

    def work() -> None:
        try:
            result = job()
        except BaseException as error:  # it is whoever asks for the result that is told
            done.set_exception(error)
        else:
            done.set_result(result)

    threading.Thread(target=work, name="summary", daemon=True).start()
    return done
