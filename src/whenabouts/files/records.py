"""Read annotation and prediction files, naming file, line and field in every error.

A file is read whole or not at all. JSON files may be an object or a list; JSON Lines may end without a newline;
a byte order mark is skipped. NaN and Infinity are not JSON and are refused, unless the caller reproduces official
code that accepts them.
"""

from __future__ import annotations

import csv
import json
import math
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import AnnotationError, InputError
from whenabouts.files.reading import kept, without_collection

__all__ = ["Row", "read_csv", "read_json", "read_lines", "read_rows", "read_text"]

MISSING: Any = object()


class Row(Mapping[str, Any]):
    """One row of a file: a mapping that knows its place in the file and checks the values that are read from it.

    quoted: numbers may come as text, as in CSV and in THUMOS14's JSON.
    """

    def __init__(self, data: Any, where: str, *, quoted: bool = False) -> None:
        if not isinstance(data, Mapping):
            raise AnnotationError(f"{where}: a row must be a JSON object, not {_kind(data)}")
        self.data, self.where, self.quoted = data, where, quoted

    def __getitem__(self, field: str) -> Any:
        if field not in self.data:
            self.refuse(field, "is missing")
        return self.data[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __contains__(self, field: object) -> bool:
        return field in self.data

    def get(self, field: str, default: Any = None) -> Any:
        """The value, unchecked."""
        return self.data.get(field, default)

    def refuse(self, field: str, problem: str) -> NoReturn:
        """Raise an AnnotationError about one field of this row."""
        raise AnnotationError(f"{self.where}: the field {field} {problem}")

    def number(self, field: str, default: Any = MISSING) -> float:
        """A finite number."""
        if default is not MISSING and self.get(field) is None:
            return default  # type: ignore[no-any-return]
        return self._number(field, self[field])

    def text(self, field: str) -> str:
        """A string."""
        if not isinstance(self[field], str):
            self.refuse(field, f"must be text, not {_kind(self[field])}")
        return str(self[field])

    def name(self, field: str) -> str | int:
        """An identifier: text or a whole number."""
        value = self[field]
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.refuse(field, f"must be text or a whole number, not {_kind(value)}")
        return value

    def entries(self, field: str) -> list[Any]:
        """A list."""
        value = self[field]
        if not isinstance(value, list):
            self.refuse(field, f"must be a list, not {_kind(value)}")
        return value

    def rows(self, field: str) -> list[Row]:
        """A list of objects in `field`, each of which knows its place."""
        return [
            Row(item, f"{self.where}, {field} {i}", quoted=self.quoted) for i, item in enumerate(self.entries(field), 1)
        ]

    def table(self, field: str, columns: int) -> NDArray[np.float64]:
        """A list of rows of finite numbers: (N, columns)."""
        items, values = self.entries(field), []
        if not self.quoted and (table := _table(items, columns)) is not None:
            return table
        for i, item in enumerate(items, 1):
            if not isinstance(item, list) or len(item) != columns:
                self.refuse(f"{field}, entry {i},", f"must be a list of {columns} numbers, not {_short(item)}")
            values.append([self._number(f"{field}, entry {i},", v) for v in item])
        return np.array(values, dtype=np.float64).reshape(-1, columns)

    def numbers(self, field: str) -> list[float]:
        """A list of finite numbers."""
        if not self.quoted and _are_finite(items := self.entries(field)):
            return list(map(float, items))
        return [self._number(f"{field}, entry {i},", v) for i, v in enumerate(self.entries(field), 1)]

    def pair(self, field: str) -> tuple[float, float]:
        """Two finite numbers."""
        value = self.entries(field)
        if len(value) != 2:
            self.refuse(field, f"must be [start, end], not {_short(value)}")
        return self._number(field, value[0]), self._number(field, value[1])

    def _number(self, field: str, value: Any) -> float:
        try:
            kinds = int | float | str if self.quoted else int | float
            number = float(value) if isinstance(value, kinds) and not isinstance(value, bool) else math.nan
        except (ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            self.refuse(field, f"must be a finite number, not {_short(value)}")
        return number


def read_text(path: Path, *, empty: bool = False) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark; refused where it is empty unless that is allowed."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    try:
        text = data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AnnotationError(f"{path}, line {line}: this is not UTF-8 text; convert the file to UTF-8") from None
    if not empty and not text.strip():
        raise AnnotationError(f"{path} is empty")
    return text


def read_json(path: Path, *, nan: bool = False) -> Any:
    """The value of a JSON file. With `nan`, the tokens NaN and Infinity count as numbers."""
    return kept(("json", path, nan), lambda: _parse(read_text(path), f"{path}", 1, nan))


def read_lines(path: Path, *, nan: bool = False, empty: bool = False) -> list[Row]:
    """The rows of a JSON Lines file; a JSON file that holds one list of objects counts too."""
    return list(kept(("lines", path, nan, empty), lambda: _lines(path, nan, empty)))


def read_rows(value: Any, where: str) -> list[Row]:
    """A JSON list of objects as rows."""
    if not isinstance(value, list):
        raise AnnotationError(f"{where}: a list of objects is needed, not {_kind(value)}")
    if not value:
        raise AnnotationError(f"{where}: the list is empty")
    return [Row(item, f"{where}, entry {number}") for number, item in enumerate(value, 1)]


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV file with a header line."""
    lines = csv.reader(StringIO(read_text(path)))
    try:
        header = [name.strip() for name in next(lines)]
        table = [(lines.line_num, cells) for cells in lines if cells]
    except csv.Error as error:
        raise AnnotationError(f"{path}, line {lines.line_num}: this is not CSV: {error}") from None
    for number, cells in table:
        if len(cells) != len(header):
            raise AnnotationError(f"{path}, line {number}: {len(cells)} cells under a header of {len(header)}")
    return [
        Row(dict(zip(header, cells, strict=True)), f"{path}, line {number}", quoted=True) for number, cells in table
    ]


def _lines(path: Path, nan: bool, empty: bool) -> list[Row]:
    text = read_text(path, empty=empty)
    with without_collection():
        if text.lstrip().startswith("["):
            return read_rows(_parse(text, f"{path}", 1, nan), f"{path}")
        lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
        return [Row(_parse(line, f"{path}", number, nan), f"{path}, line {number}") for number, line in lines]


def _are_finite(items: list[Any]) -> bool:
    """A quick look at a list of numbers."""
    try:
        return set(map(type, items)) <= {int, float} and all(map(math.isfinite, items))
    except OverflowError:
        return False


def _table(items: list[Any], columns: int) -> NDArray[np.float64] | None:
    """A quick look at the whole table; the slow look then finds the words for what is wrong."""
    if not set(map(type, items)) <= {list} or not set(map(len, items)) <= {columns}:
        return None
    values = list(chain.from_iterable(items))
    if not set(map(type, values)) <= {int, float}:
        return None
    try:
        table = np.array(values, dtype=np.float64).reshape(-1, columns)
    except OverflowError:
        return None
    return table if np.isfinite(table).all() else None


def _parse(text: str, file: str, line: int, nan: bool) -> Any:
    def constant(token: str) -> float:
        if not nan:
            raise AnnotationError(f"{file}, line {line}: {token} is not a number; every value must be finite")
        return float(token)

    try:
        return json.loads(text, parse_constant=constant)
    except AnnotationError:
        raise
    except json.JSONDecodeError as error:
        at = line + error.lineno - 1
        raise AnnotationError(
            f"{file}, line {at}: this is not JSON: {error.msg.lower()}, column {error.colno}"
        ) from None
    except ValueError:
        raise AnnotationError(f"{file}, line {line}: a number has more digits than can be read") from None
    except RecursionError:
        raise AnnotationError(f"{file}, line {line}: lists are nested too deeply") from None


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**30 else "a number of many digits"
    return text if len(text) <= 60 else f"{text[:57]}..."
