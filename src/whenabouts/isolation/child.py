"""Inside a child process: it holds one subject at a time, calls functions with it, and sends back what they give.

A request is a tuple: ("open", factory, arguments), ("call", number, function, arguments), ("next", number),
("drop", number). Functions are named "module:name". All but the last are answered: ("value", it), ("items",) for an
iterator, ("some", items of it) with the parts of each and which of them are the same object as before, and so `None`,
("end",), or ("error", as `faults.told` tells it, traceback).

A message costs what decoding a small picture does, so light items travel several at a time: one at first, for whoever
takes no more, then twice as many each time, within bounds of bytes and of the time that the first of them waits.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import monotonic, process_time, sleep
from typing import Any, BinaryIO

from whenabouts import logs
from whenabouts.errors import WhenaboutsError
from whenabouts.isolation.faults import told
from whenabouts.isolation.limits import ChildLimits
from whenabouts.isolation.names import named
from whenabouts.isolation.pulse import Pulse, beat
from whenabouts.isolation.wire import receive, send, weight

__all__ = ["SILENT", "STALLED", "TOO_MUCH_MEMORY", "main", "serve"]

SILENT, STALLED, TOO_MUCH_MEMORY = 97, 98, 99  # exit codes
STACKS = 2 << 30  # bytes that threads of codecs reserve, 8 MiB each, and hardly use
FASTEST = 4 << 30  # bytes that a process can take in a second
SHORTEST, LONGEST = 0.01, 0.1  # seconds between two looks at how it stands
MOST, HEAVY, WAITED = 256, 1 << 20, 0.05  # items of a message; bytes and seconds after which it takes no further one


def serve(requests: int, answers: int, parent: int, limits: ChildLimits) -> None:
    """Do what arrives at the descriptor `requests` until it ends; `parent` is the process that sends it."""
    _detach(requests, answers)
    _bound(limits)
    bare = _held()
    Thread(target=_watch, args=(parent, limits, bare), daemon=True).start()
    reader_gone = suppress(BrokenPipeError)  # outermost, because closing a file writes what is left in it
    with reader_gone, os.fdopen(requests, "rb") as incoming, os.fdopen(answers, "wb") as outgoing:
        _answer(incoming, outgoing, bare + limits.memory // 4, bare + limits.memory)


def _answer(incoming: BinaryIO, outgoing: BinaryIO, much: int, most: int) -> None:
    """Do what arrives; where `much` memory is in use some is given back, and more than `most` ends the process.

    `_watch` looks at that too, but cannot while one call holds Python's lock, and may come late on a busy machine.
    """
    held = _Held()
    while True:
        try:
            request = receive(incoming)
        except EOFError:
            return
        if request[0] == "call" and _held() > much:
            _give_back()
        Pulse.busy = True
        try:
            answer = held.do(*request)
            if _held() > most:
                raise MemoryError
        except WhenaboutsError as error:
            answer = "error", told(error), ""
        except MemoryError:
            os._exit(TOO_MUCH_MEMORY)
        except Exception as error:
            answer = "error", told(error), traceback.format_exc()
        if answer is not None:
            send(outgoing, answer)
        Pulse.busy = False
        Pulse.beats += 1


@dataclass(slots=True)
class _Running:
    """An iterator that has begun, the parts of its last item, and what it raised while others waited to be sent."""

    items: Iterator[Any]
    before: tuple[Any, ...] = ()
    at_once: int = 1
    error: Exception | None = None

    def some(self) -> list[tuple[list[Any], list[bool]]]:
        """The next items as they are sent, none at the end; what one raises is raised when those before were sent."""
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        found: list[tuple[list[Any], list[bool]]] = []
        heavy, late = 0, monotonic() + WAITED
        while len(found) < self.at_once and heavy < HEAVY and (not found or monotonic() < late):
            try:
                parts = next(self.items)
            except StopIteration:
                break
            except Exception as error:
                if not found:
                    raise
                self.error = error
                break
            beat()
            same = [at < len(self.before) and part is self.before[at] for at, part in enumerate(parts)]
            new = [None if known else part for known, part in zip(same, parts, strict=True)]
            found.append((new, same))
            heavy += weight(new)
            self.before = parts
        self.at_once = min(MOST, 2 * self.at_once)
        return found


class _Held:
    """The subject, and the iterators over it that have begun."""

    def __init__(self) -> None:
        self._subject: Any = None
        self._running: dict[int, _Running] = {}

    def do(self, what: str, *rest: Any) -> tuple[Any, ...] | None:
        """The answer to a request; None where none is expected."""
        answer: tuple[Any, ...] | None = getattr(self, f"_{what}")(*rest)
        return answer

    def _open(self, factory: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        self._running.clear()
        self._subject = None
        self._subject = named(factory)(*arguments)
        return "value", None

    def _call(self, number: int, function: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        result = named(function)(self._subject, *arguments)
        if not isinstance(result, Iterator):
            return "value", result
        self._running[number] = _Running(result)
        return ("items",)

    def _next(self, number: int) -> tuple[Any, ...]:
        found = self._running[number].some()
        return ("some", found) if found else ("end",)

    def _drop(self, number: int) -> None:
        self._running.pop(number, None)  # a generator is closed with it


def _detach(requests: int, answers: int) -> None:
    """Leave the terminal and the files of the parent; only errors are still printed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    low, high = sorted((requests, answers))
    for first, last in ((3, low), (low + 1, high), (high + 1, 1 << 16)):
        os.closerange(first, last)


def _bound(limits: ChildLimits) -> None:
    """Let the kernel end this process before any other if memory is short, and refuse it far more than it may have.

    What a decoder is refused it takes for damage and goes on, so it is `_watch` that holds the limit.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (_at_most(2 * limits.memory + STACKS, most),) * 2)
        Path("/proc/self/oom_score_adj").write_text("500")


def _held() -> int:
    """Bytes of memory that this process has used for itself; 0 where the system does not say."""
    try:
        _, resident, shared, *_ = map(int, Path("/proc/self/statm").read_bytes().split())
        return (resident - shared) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0


def _give_back() -> None:
    """Give freed memory back to the system: of large pictures the C library keeps hundreds of MB."""
    with suppress(AttributeError, OSError):  # not of other C libraries than GNU's
        ctypes.CDLL(None).malloc_trim(0)


def _watch(parent: int, limits: ChildLimits, bare: int) -> None:
    """End this process with its parent, or when it does not get on, or takes too much."""
    beats, cpu, wall = -1, 0.0, 0.0
    while True:
        if os.getppid() != parent:
            os._exit(0)
        free = limits.memory - (_held() - bare)
        if free < 0:
            os._exit(TOO_MUCH_MEMORY)
        if Pulse.beats != beats or not Pulse.busy:
            beats, cpu, wall = Pulse.beats, process_time(), monotonic()
            _let_run(cpu + limits.cpu)
        elif process_time() - cpu > limits.cpu:
            os._exit(STALLED)
        elif monotonic() - wall > limits.wall:
            os._exit(SILENT)
        sleep(min(LONGEST, max(SHORTEST, free / FASTEST)))


def _let_run(cpu: float) -> None:
    """Let the kernel end this process at `cpu` seconds, for a loop that holds Python's lock stops `_watch` too."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (_at_most(int(cpu) + 2, most), most))


def _at_most(wanted: int, most: int) -> int:
    """A limit that this process may set: one of `ulimit -H` cannot be raised, and -1 stands for none."""
    return wanted if most < 0 else min(wanted, most)


def main() -> None:
    """Serve stdin and stdout; the arguments are the process of the parent, and the limits."""
    logs.inherit()
    parent, memory, cpu, wall = sys.argv[1:]
    serve(os.dup(0), os.dup(1), int(parent), ChildLimits(int(memory), float(cpu), float(wall)))
