"""Tables of facts that come with the package: CSV files, one fact a line, made to be read and compared line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from whenabouts.errors import AnnotationError

__all__ = ["read_facts"]


def read_facts(path: Path, *fields: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the line of names, each with its line number; `fields` must be among the names.

    Raises AnnotationError naming file and line: for a damaged table, an installation is at fault.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file, strict=True)
            lacking = [name for name in fields if name not in (table.fieldnames or ())]
            if lacking:
                raise AnnotationError(f"{path} has no column {lacking[0]}; install whenabouts again")
            for row in table:
                if None in row or None in row.values():
                    raise AnnotationError(f"{path}:{table.line_num} has more or fewer fields than the first line")
                yield table.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AnnotationError(f"{path} cannot be read: {error}; install whenabouts again") from None
