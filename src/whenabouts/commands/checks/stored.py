"""What is kept on disk: the cache, what killed runs left, and libraries; and how all of it is put right again."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, gettempdir
from zipfile import BadZipFile

import numpy as np

from whenabouts.commands.check import Check, broken
from whenabouts.errors import LibraryError, WhenaboutsError
from whenabouts.files.cache import cache_folder
from whenabouts.files.kept import kept
from whenabouts.files.sealed import is_sealed
from whenabouts.library import LIBRARY

__all__ = ["cache", "leftovers", "libraries"]

PART = re.compile(r"\.(\d+)-[0-9a-f]{8}\.part")  # as `files.atomic` names what is not complete yet
SEAL = ".sha256"
STALE = 24 * 3600.0  # seconds after which a part whose process cannot be told, or a temporary folder, is left over
UNREADABLE = (OSError, ValueError, EOFError, KeyError, BadZipFile, sqlite3.DatabaseError)


def cache(*, read: bool, repair: bool) -> Iterator[Check]:
    """Whether the cache can be written and what it holds; with `read` every file, with `repair` without the damaged.

    What is removed is computed again when it is next needed.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix="doctor-") as file:
            file.write(b"x")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield Check("cache", "broken", f"{folder} cannot be written ({error.strerror or error}); set WHENABOUTS_CACHE")
        return
    held = [path for path in folder.rglob("*") if path.is_file()]
    used = sum(map(_size, held))
    yield Check("cache", "ok", f"{folder}: {used / 1e6:,.1f} MB used, {free / 1e9:,.0f} GB free", {"files": len(held)})
    if read or repair:
        yield _put_right("cached files", f"{len(held)} are whole", [path for path in held if _damaged(path)], repair)


def leftovers(*, repair: bool) -> Check:
    """What killed runs left in the cache and in the folder for temporary files."""
    parts = [path for path in cache_folder().rglob(".*.part") if _is_left_over(path)]
    old = [path for path in Path(gettempdir()).glob("whenabouts-*") if _is_ours(path) and _age(path) > STALE]
    return _put_right("left by killed runs", "nothing", [*parts, *old], repair)


def libraries(places: list[Path], *, repair: bool) -> Iterator[Check]:
    """Whether these libraries can be read and are complete; without any that of this folder, where there is one."""
    for place in places or ([Path(LIBRARY)] if (Path(LIBRARY) / "encoder.txt").is_file() else []):
        name = f"library {place}"
        try:
            from whenabouts.library.check import faults
            from whenabouts.library.run import existing_library
            from whenabouts.library.store import is_library

            opened = existing_library(place)
            found = faults(opened)
            if found and repair:
                opened.sweep()
                opened.reindex()
                if left := faults(opened):
                    yield Check(name, "broken", f"{'; '.join(left)}; {_again(place)}")
                else:
                    yield Check(name, "ok", f"repaired: {'; '.join(found)}; `whenabouts index DIR` adds what it lost")
            elif found:
                yield Check(name, "broken", f"{'; '.join(found)}; whenabouts doctor --repair puts it right")
            else:
                yield Check(name, "ok", f"{len(opened.videos())} videos, complete")
        except LibraryError as error:
            yield Check(name, "broken", f"{error}; {_again(place)}") if is_library(place) else broken(name, error)
        except WhenaboutsError as error:
            yield broken(name, error)


def _again(place: Path) -> str:
    return f"move {place} away and make it again: whenabouts index DIR"


def _put_right(name: str, well: str, bad: list[Path], repair: bool) -> Check:
    if not bad:
        return Check(name, "ok", well)
    size = f"{len(bad)} of {sum(map(_size, bad)) / 1e6:,.1f} MB"
    if not repair:
        return Check(name, "doubtful", f"{size}, such as {bad[0]}; whenabouts doctor --repair removes them")
    left = [path for path in bad if not _removed(path)]
    if left:
        return Check(name, "broken", f"{left[0]} cannot be removed")
    return Check(name, "ok", f"removed {size}", {"removed": [str(path) for path in bad]})


def _removed(path: Path) -> bool:
    with suppress(OSError):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        path.with_name(path.name + SEAL).unlink(missing_ok=True)
    return not path.exists()


def _damaged(path: Path) -> bool:
    """Whether a file of the cache does not hold what was written. Of a kind that is not known nothing is said."""
    if path.suffix == SEAL:
        return not path.with_suffix("").is_file()
    if path.with_name(path.name + SEAL).is_file():
        return not is_sealed(path)
    if kept(path) is not None:
        return False
    if PART.fullmatch(path.name) or path.suffix not in READ:
        return False
    try:
        READ[path.suffix](path)  # of an older version, or damaged
    except UNREADABLE:
        return path.exists()  # else another process removed it
    return False


def _load_all(path: Path) -> None:
    with np.load(path) as held:
        for name in held.files:
            assert held[name] is not None


def _read_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as store:
        told = store.execute("PRAGMA quick_check").fetchone()[0]
    if told != "ok":
        raise sqlite3.DatabaseError(told)


READ: dict[str, Callable[[Path], object]] = {
    ".json": lambda path: json.loads(path.read_bytes()),
    ".npy": lambda path: np.load(path, mmap_mode="r"),
    ".npz": _load_all,
    ".sqlite": _read_sqlite,
}


def _is_left_over(part: Path) -> bool:
    """Whether the process that writes a part is gone. Another machine may share the folder, so a young one stays."""
    named = PART.fullmatch(part.name)
    return named is not None and _age(part) > (60 if not _lives(int(named[1])) else STALE)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _is_ours(path: Path) -> bool:
    with suppress(OSError):
        return not hasattr(os, "getuid") or path.lstat().st_uid == os.getuid()
    return False


def _age(path: Path) -> float:
    try:
        return time.time() - path.lstat().st_mtime
    except OSError:  # another process removed it
        return 0.0


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(_size(each) for each in path.iterdir())
        return path.lstat().st_size
    except OSError:  # another process removed it
        return 0
