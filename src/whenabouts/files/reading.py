"""What makes reading quick where a file has many rows, and the same file is read more than once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

__all__ = ["kept", "reading_once", "without_collection"]

Value = TypeVar("Value")

_KEPT: ContextVar[dict[Hashable, object] | None] = ContextVar("kept", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """In the block a file is parsed once, however often it is read; then its rows are forgotten.

    Who reads must not change the rows, and files that are written in the block are not looked at again.
    """
    if _KEPT.get() is not None:
        yield
        return
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def kept(key: Hashable, read: Callable[[], Value]) -> Value:
    """What `read` gives; in a block of `reading_once` what it gave before. Nothing is kept of one that raises."""
    held = _KEPT.get()
    if held is None:
        return read()
    if key not in held:
        held[key] = read()
    return held[key]  # type: ignore[return-value]


@contextmanager
def without_collection() -> Iterator[None]:
    """In the block Python does not look for cycles of objects: among many new rows, which have none, it looks long."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
