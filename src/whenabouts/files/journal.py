"""A file of JSON Lines that grows row by row, and goes on where a killed run stopped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing

__all__ = ["append", "resume"]


def resume(path: Path, receipt: dict[str, Any], key: str) -> set[str]:
    """The `key` of every whole row in the file, after cutting off a row that was half written; makes a new file.

    `receipt` says how the rows are made; it is kept beside them in NAME.receipt.json. Raises InputError for a file
    with another receipt, or with none.
    """
    about = path.with_suffix(".receipt.json")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(about) as part:
            part.write_text(json.dumps(receipt, indent=2) + "\n", "utf-8")
        path.touch()
        return set()
    if not about.exists() or json.loads(about.read_text("utf-8")) != receipt:
        raise InputError(f"{path} was made with another model or setting; choose another file")
    whole = []
    known: set[str] = set()
    for line in path.read_text("utf-8").splitlines(keepends=True):
        try:
            row = str(json.loads(line)[key])
        except (ValueError, KeyError, TypeError):
            break
        if not line.endswith("\n"):
            break
        known.add(row)
        whole.append(line)
    with replacing(path) as part:
        part.write_text("".join(whole), "utf-8")
    return known


def append(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Add rows at the end of the file."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
