"""What is told of a video with each of its hits, such as damage: one small file for each video that has any."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from whenabouts.files.atomic import replacing

__all__ = ["notes_of", "put_notes", "remove_notes"]

FOLDER = "notes"  # beside the tables of a library


def notes_of(library: Path, sha256: str) -> tuple[str, ...]:
    """The notes on a video, none where nothing is wrong with it."""
    try:
        notes = json.loads((library / FOLDER / f"{sha256}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(note for note in notes if isinstance(note, str)) if isinstance(notes, list) else ()


def put_notes(library: Path, sha256: str, notes: Iterable[str]) -> None:
    """Replace the notes on a video. Raises OSError."""
    path = library / FOLDER / f"{sha256}.json"
    if not (kept := list(notes)):
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as part:
        part.write_text(json.dumps(kept), encoding="utf-8")


def remove_notes(library: Path, videos: Iterable[str]) -> None:
    """Remove those on videos that leave the library."""
    for sha256 in videos:
        with suppress(OSError):
            (library / FOLDER / f"{sha256}.json").unlink()
