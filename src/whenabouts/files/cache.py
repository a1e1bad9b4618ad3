"""The folder in which results are kept between runs, and whether anything is kept at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

__all__ = ["cache_folder", "keeping", "keeps"]

_keeps: ContextVar[bool] = ContextVar("keeps", default=True)


@contextmanager
def keeping(keep: bool) -> Iterator[None]:
    """Without `keep`, what has no setting of its own neither reads nor writes `cache_folder()` in the block.

    It cannot be switched on again within such a block.
    """
    token = _keeps.set(keep and keeps())
    try:
        yield
    finally:
        _keeps.reset(token)


def keeps() -> bool:
    """Whether results may be read from the cache, and written to it; True outside of any block of `keeping`."""
    return _keeps.get()


def cache_folder() -> Path:
    """$WHENABOUTS_CACHE, else the user's cache folder of this platform."""
    if chosen := os.environ.get("WHENABOUTS_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "whenabouts" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "whenabouts"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whenabouts"
