"""Compare the files of a folder with a library: which are new, changed or gone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from whenabouts.library.store import Library
from whenabouts.video.suffixes import is_video

__all__ = ["File", "changes", "files"]


@dataclass(frozen=True, slots=True)
class File:
    """Path, size in bytes and modification time in nanoseconds of a file."""

    path: Path
    size: int
    mtime: int

    @classmethod
    def at(cls, path: Path) -> Self | None:
        """The file as it is now; None if it does not exist or is not a regular file."""
        try:
            stat = path.stat()
        except OSError:
            return None
        return cls(path, stat.st_size, stat.st_mtime_ns) if path.is_file() else None

    def row(self, **more: Any) -> dict[str, Any]:
        """A row of the store, with `more` columns."""
        return {"path": str(self.path), "size": self.size, "mtime": self.mtime, **more}


def files(folder: Path) -> Iterator[File]:
    """Every file below a folder with the suffix of a video, sorted.

    Hidden files, hidden folders and symbolic links to folders are skipped.
    """
    for here, folders, names in os.walk(folder.resolve()):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if is_video(path) and not name.startswith(".") and (file := File.at(path)):
                yield file


def changes(library: Library, folder: Path, *, again: bool = False) -> tuple[list[File], list[str]]:
    """Files below the folder that are new or changed, and paths that are gone.

    again: also return the unchanged files that could not be read before
    """
    videos, problems = library.videos(), library.problems()
    places = library.places()
    known = {path: row for path, row in places.items() if row["sha256"] in videos} | ({} if again else problems)
    found = {str(file.path): file for file in files(folder)}
    new = [f for p, f in found.items() if p not in known or (f.size, f.mtime) != (known[p]["size"], known[p]["mtime"])]
    root = folder.resolve()
    gone = [path for path in {**places, **problems} if path not in found and Path(path).is_relative_to(root)]
    return new, gone
