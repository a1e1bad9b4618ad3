"""The folder in which results are kept between runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder() -> Path:
    """$WHENABOUTS_CACHE, else the user's cache folder of this platform."""
    if chosen := os.environ.get("WHENABOUTS_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "whenabouts" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "whenabouts"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whenabouts"
