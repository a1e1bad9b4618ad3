"""Grounders that stay loaded between questions, within a bound of memory."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from whenabouts.grounders import load
from whenabouts.grounders.grounder import BaseGrounder, Grounder

__all__ = ["WARM", "WarmGrounders"]

log = logging.getLogger(__name__)

Stamp = (
    tuple[int, int] | None
)  # modification time in nanoseconds and size in bytes of a file; None if it does not exist
UNKNOWN_MEMORY = 8 << 30  # bytes taken for the machine's memory if the system does not report it


@dataclass(eq=False)
class _Held:
    """A grounder with its weights; `users` use it or wait for it, `stamps` show whether its files have changed."""

    grounder: BaseGrounder
    stamps: tuple[Stamp, ...]
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    thread: int | None = None  # the one that uses it now


class WarmGrounders:
    """Grounders by what decides their weights: the second question does not read them again.

    limit_bytes: of all weights together, as reported by `weight_bytes`; the grounders that were used least
    recently are let go first, and one that is larger by itself is let go as soon as it is given back. None is half of
    the machine's memory.

    Any number of threads may share it; each grounder answers one of them at a time.
    """

    def __init__(self, limit_bytes: int | None = None) -> None:
        self.limit_bytes = _memory() // 2 if limit_bytes is None else limit_bytes
        self._held: list[_Held] = []  # least recently used first
        self._lock = threading.Lock()

    @contextmanager
    def borrow(self, name: str, **settings: Any) -> Iterator[Grounder]:
        """The grounder that `load` makes of these, or one that already holds the same weights, with these settings.

        It is the caller's until the end of the block. A grounder that is not a `BaseGrounder` does not say what decides
        its weights: it is made anew each time. Raises ModelError.
        """
        requested = load(name, **settings)  # cheap: weights load with the first question
        if not isinstance(requested, BaseGrounder):
            yield requested
            return
        held = self._take(requested)
        try:
            with held.lock:
                held.thread = threading.get_ident()
                _set_up(held.grounder, requested)
                try:
                    yield held.grounder
                finally:
                    held.grounder.progress = held.grounder.early = None  # they belong to the caller
                    held.thread = None
        finally:
            self._give_back(held)

    def clear(self) -> None:
        """Let go of every grounder that nobody is using."""
        with self._lock:
            self._held = [held for held in self._held if held.users]

    def _take(self, requested: BaseGrounder) -> _Held:
        with self._lock:
            stamps = _stamps(requested)
            known = (each for each in self._held if each.stamps == stamps and _same_weights(each.grounder, requested))
            # A question within another, as from its progress, must neither change the settings of that one nor wait
            # for a thread that may wait for this one: it has a grounder that is free, or one of its own.
            nested = any(each.thread == threading.get_ident() for each in self._held)
            held = next((each for each in known if not (nested and each.users)), None)
            log.debug("the model %s is %s", requested.name, "new" if held is None else "kept from before")
            if held is None:
                held = _Held(requested, stamps)
            else:
                self._held.remove(held)
            self._held.append(held)
            held.users += 1
            return held

    def _give_back(self, held: _Held) -> None:
        with self._lock:
            held.users -= 1
            total = sum(each.grounder.weight_bytes for each in self._held)
            for each in [each for each in self._held if not each.users]:
                if total <= self.limit_bytes:
                    break
                total -= each.grounder.weight_bytes
                self._held.remove(each)


def _same_weights(one: BaseGrounder, other: BaseGrounder) -> bool:
    return type(one) is type(other) and all(getattr(one, n) == getattr(other, n) for n in one.weights)


def _stamps(grounder: BaseGrounder) -> tuple[Stamp, ...]:
    """Time and size of the files that fields name: training may have written a checkpoint anew."""
    values = (getattr(grounder, name) for name in grounder.weights)
    return tuple(_stamp(Path(value)) for value in values if isinstance(value, str | Path))


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return stat.st_mtime_ns, stat.st_size


def _set_up(grounder: BaseGrounder, requested: BaseGrounder) -> None:
    """Give a grounder the settings of one with the same weights."""
    if grounder is requested:
        return
    for each in fields(requested):
        if each.init and each.name not in requested.weights:
            setattr(grounder, each.name, getattr(requested, each.name))


def _memory() -> int:
    """Bytes of memory of this machine."""
    with suppress(AttributeError, ValueError, OSError):  # what systems without these facts raise
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return UNKNOWN_MEMORY


WARM = WarmGrounders()
