"""Which files of a folder are new, changed, moved, gone or the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.library.store import Library

__all__ = ["SUFFIXES", "File", "files", "sha256_of", "unknown"]

SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mts", "mpg", "mpeg"),
        *("wmv", "flv", "ogv", "3gp", "vob", "mxf", "asf", "divx"),
    )
)


@dataclass(frozen=True, slots=True)
class File:
    """A file as the disk tells of it; `mtime` in nanoseconds."""

    path: Path
    size: int
    mtime: int

    def row(self, **more: Any) -> dict[str, Any]:
        """As the store keeps it."""
        return {"path": str(self.path), "size": self.size, "mtime": self.mtime, **more}


def files(folder: Path) -> Iterator[File]:
    """Every video below a folder by its ending, in order; hidden folders are left out."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and not hidden:
            try:
                told = path.stat()
            except OSError:
                continue  # it went away between two looks
            if path.is_file():
                yield File(path.resolve(), told.st_size, told.st_mtime_ns)


def unknown(library: Library, folder: Path, *, again: bool = False) -> tuple[list[File], list[str]]:
    """Files that are new or changed, or failed and are tried `again`; and paths below the folder that are gone."""
    places, problems = library.places(), library.problems()
    found = {str(file.path): file for file in files(folder)}
    known = places | ({} if again else problems)
    new = [f for p, f in found.items() if p not in known or (f.size, f.mtime) != (known[p]["size"], known[p]["mtime"])]
    below = f"{folder.resolve()}/"
    gone = [path for path in (*places, *problems) if path.startswith(below) and path not in found]
    return new, gone


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
