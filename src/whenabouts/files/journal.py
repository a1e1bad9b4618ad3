"""A file of JSON Lines that grows row by row, and goes on where a killed run stopped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing

__all__ = ["append", "resume", "whole_rows"]


def resume(path: Path, receipt: dict[str, Any]) -> list[dict[str, Any]]:
    """The whole rows of the file, after cutting off a row that was half written; none where there is no file yet.

    `receipt` says how the rows are made; it is kept beside them in NAME.receipt.json. Raises InputError for a file
    with another receipt, or with none.
    """
    about = path.with_suffix(".receipt.json")
    data = path.read_bytes() if path.exists() else b""
    if not data:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(about) as part:
            part.write_text(json.dumps(receipt, indent=2) + "\n", "utf-8")
        return []
    made = _json(about.read_bytes()) if about.exists() else None
    if made is None:
        raise InputError(f"{path} does not say how it was made, so it cannot go on; name another with --out")
    if unlike := [name for name in {**receipt, **made} if receipt.get(name) != made.get(name)]:
        raise InputError(
            f"{path} was made with another model or setting ({', '.join(unlike)}); name another with --out"
        )
    rows, length = whole_rows(data)
    if cut := data[length:].partition(b"\n")[2]:
        broken, left = data.count(b"\n", 0, length) + 1, cut.count(b"\n")
        raise InputError(f"{path}, line {broken}: this is no answer, and {left} more lines follow; remove it")
    if length < len(data):
        with replacing(path) as part:
            part.write_bytes(data[:length])
    return rows


def whole_rows(data: bytes) -> tuple[list[dict[str, Any]], int]:
    r"""The JSON objects at the start of a file, one a line, and how many bytes they are.

    Lines end in a newline and nothing else: a row may hold U+2028. What was half written ends the rows.

    >>> whole_rows(b'{"qid": 1}\n{"qid": 2, "half a')
    ([{'qid': 1}], 11)
    """
    rows: list[dict[str, Any]] = []
    length = 0
    for line in data.split(b"\n")[:-1]:
        row = _json(line)
        if row is None:
            break
        rows.append(row)
        length += len(line) + 1
    return rows, length


def append(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Add rows at the end of the file, which is made for the first of them."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if text:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)


def _json(data: bytes) -> dict[str, Any] | None:
    """A JSON object; None for what is none, such as bytes that end within a letter."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
