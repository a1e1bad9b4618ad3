"""Files that a command writes are never files that it reads, and can be written: told before the work, not after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from stat import S_ISDIR

from whenabouts.errors import InputError
from whenabouts.files.storage import why

__all__ = ["check_outputs"]


def check_outputs(
    outputs: Iterable[Path | None], inputs: Iterable[Path | None], *, folders: Iterable[Path | None] = ()
) -> None:
    """Refuse an output that is an input, by whatever name, that is named twice, or that cannot be written.

    None stands for a file that was not asked for; `folders` are to be written into. A folder that is missing is no
    fault here: it may be made later. Raises InputError.
    """
    read = [path for path in inputs if path is not None]
    written: list[Path] = []
    for out in outputs:
        if out is None:
            continue
        if any(_same(out, path) for path in read):
            raise InputError(f"{out} is a file that is read here; name another one to be written")
        if any(_same(out, path) for path in written):
            raise InputError(f"{out} would be written twice; name another file")
        written.append(out)
        try:
            is_folder = S_ISDIR(out.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            is_folder = False
        except OSError as error:  # such as too long a name
            raise InputError(f"{out} cannot be written: {why(error) or error.strerror}") from None
        if is_folder:
            raise InputError(f"{out} cannot be written: it is a folder")
        _probe(out.parent, out)
    for folder in folders:
        if folder is not None:
            _probe(folder, folder)


def _probe(folder: Path, out: Path) -> None:
    """Write a file without a name into the nearest folder that is there."""
    while not os.path.exists(folder) and folder != folder.parent:  # noqa: PTH110 (likewise)
        folder = folder.parent
    if not os.path.isdir(folder):  # noqa: PTH112 (likewise)
        raise InputError(f"{out} cannot be written: {folder} is a file, not a folder")
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(f"{out} cannot be written: {why(error) or error.strerror}") from None


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there, or cannot be looked at
        return one.resolve() == other.resolve()
