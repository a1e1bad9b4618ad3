"""Which files of a folder are new, changed, moved, gone or the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from whenabouts.library.store import Library
from whenabouts.video.suffixes import is_video

__all__ = ["File", "files", "sha256_of", "unknown"]


@dataclass(frozen=True, slots=True)
class File:
    """A file as the disk tells of it; `mtime` in nanoseconds."""

    path: Path
    size: int
    mtime: int

    @classmethod
    def at(cls, path: Path) -> Self | None:
        """What the disk tells now; None where there is no file."""
        try:
            told = path.stat()
        except OSError:
            return None
        return cls(path, told.st_size, told.st_mtime_ns) if path.is_file() else None

    def row(self, **more: Any) -> dict[str, Any]:
        """As the store keeps it."""
        return {"path": str(self.path), "size": self.size, "mtime": self.mtime, **more}


def files(folder: Path) -> Iterator[File]:
    """Every video below a folder by its ending, in order; hidden files and folders, and links to folders, are not."""
    for here, folders, names in os.walk(folder.resolve()):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if is_video(path) and not name.startswith(".") and (file := File.at(path)):
                yield file


def unknown(library: Library, folder: Path, *, again: bool = False) -> tuple[list[File], list[str]]:
    """Files that are new or changed, or failed and are tried `again`; and paths below the folder that are gone."""
    videos, problems = library.videos(), library.problems()
    places = library.places()
    known = {path: row for path, row in places.items() if row["sha256"] in videos} | ({} if again else problems)
    found = {str(file.path): file for file in files(folder)}
    new = [f for p, f in found.items() if p not in known or (f.size, f.mtime) != (known[p]["size"], known[p]["mtime"])]
    root = folder.resolve()
    gone = [path for path in {**places, **problems} if path not in found and Path(path).is_relative_to(root)]
    return new, gone


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
