"""Files that a command writes are never files that it reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from whenabouts.errors import InputError

__all__ = ["check_outputs"]


def check_outputs(outputs: Iterable[Path | None], inputs: Iterable[Path | None]) -> None:
    """Refuse an output that is an input, by whatever name, or that is named twice. Raises InputError.

    None stands for a file that was not asked for.
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


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there, or cannot be looked at
        return one.resolve() == other.resolve()
