"""A selection of frames as a folder: its pictures, named by their times, and `selection.json`."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError
from whenabouts.files.atomic import part_beside
from whenabouts.files.stale import sweep
from whenabouts.files.storage import storing
from whenabouts.interchange.png import png
from whenabouts.printable import json_text
from whenabouts.selection import Selection
from whenabouts.version import __version__
from whenabouts.video import Video

__all__ = ["check_folder", "write_chosen"]


def check_folder(folder: Path) -> None:
    """Raises InputError for what is there already, unless it is an empty folder."""
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        raise InputError(f"{folder} is there already and not an empty folder; name another one")


def write_chosen(selection: Selection, video: Video, folder: Path) -> Path:
    """Write the pictures of a selection and `selection.json`, all of it or nothing; returns the folder.

    A picture is named by its number and its time in seconds: `0003-12.480.png`. One is in memory at a time. Raises
    InputError for a folder that has something in it, StorageError, VideoError.
    """
    check_folder(folder)
    part = part_beside(folder)
    try:
        with storing(folder):
            part.mkdir(parents=True)
            sweep(folder.parent)
            rows: list[dict[str, Any]] = []
            for number, frame in enumerate(video.at(selection.times)):
                score = {"score": selection.scores[number]} if selection.scores else {}
                rows.append({"file": f"{number:04d}-{frame.time:.3f}.png", "time": frame.time, **score})
                (part / rows[-1]["file"]).write_bytes(png(frame.image))
            (part / "selection.json").write_text(_about(selection, video, rows) + "\n", "utf-8")
            if folder.exists():
                folder.rmdir()
            part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _about(selection: Selection, video: Video, rows: list[dict[str, Any]]) -> str:
    facts = {name: value for name, value in asdict(selection).items() if name not in {"times", "scores"}}
    about = {"version": __version__, "video": video.path.name, "video_sha256": video.sha256}
    return json_text(about | {"duration": video.duration} | facts | {"frames": rows}, indent=1)
