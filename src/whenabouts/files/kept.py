"""Small files of the cache: each holds its own hash, so what was damaged, cut short or put in another's place is none.

A cache saves only time: what cannot be written is not kept, which `whenabouts.files.kept.trouble` tells once.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.files.atomic import replacing
from whenabouts.files.storage import why

__all__ = ["keep", "keep_rows", "kept", "kept_rows", "not_kept", "trouble"]

HEAD = 65  # bytes before the content: its hash in hex, and a line feed

_lock = threading.Lock()
_told: list[str] = []


def kept(path: Path) -> bytes | None:
    """What was kept under this name; None where there is nothing, or something else than was written."""
    with suppress(OSError, ValueError):
        whole = path.read_bytes()
        if whole[:HEAD] == _head(path, whole[HEAD:]):
            return whole[HEAD:]
    return None


def keep(path: Path, content: bytes) -> None:
    """Keep it under this name, in a folder that is made; where that cannot be, `trouble` says so."""
    try:
        with replacing(path, folders=True, lasting=False) as part:
            part.write_bytes(_head(path, content) + content)
    except OSError as error:
        not_kept(path.parent, error)


def kept_rows(path: Path) -> NDArray[np.float16] | None:
    """Rows (N, D) that were kept under this name."""
    content = kept(path)
    return None if content is None else np.load(BytesIO(content), allow_pickle=False)


def keep_rows(path: Path, rows: NDArray[np.float16]) -> None:
    """Keep rows (N, D) under this name, like `keep`."""
    content = BytesIO()
    np.save(content, rows, allow_pickle=False)
    keep(path, content.getvalue())


def not_kept(folder: Path, error: BaseException) -> None:
    """Note that something could not be kept in a folder, for `trouble`, if that is the fault of the disk."""
    if said := why(error):
        reason = said.split(";")[0]
        with _lock:
            _told[:] = [f"nothing is kept for the next question: {folder} cannot be written ({reason})"]


def trouble() -> str | None:
    """Why something could not be kept since this was asked last, in one sentence."""
    with _lock:
        return _told.pop() if _told else None


def _head(path: Path, content: bytes) -> bytes:
    told = hashlib.sha256(path.name.encode("utf-8", "surrogatepass"))
    told.update(content)
    return told.hexdigest().encode() + b"\n"
