"""A document as text for a terminal: verdicts first, then tables that fit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from rich.cells import cell_len, chop_cells

from whenabouts.documents.document import Document, Section, Table

__all__ = ["MAX_ROWS", "WIDTH", "right_columns", "shown", "text"]

WIDTH = 80  # columns of a terminal
INDENT, BETWEEN = 2, 2  # columns before a table, and between its columns
MAX_ROWS = 100  # of a table
NARROWEST, LONG_WORD, LONG_HEAD = 12, 24, 12  # columns of narrow text; longer words are parted, in heads earlier
NUMBER = re.compile(r"[<+−-]?\d[\d,]*(\.\d+)?( ?%)?")
Translate = Callable[[str], str]


def text(document: Document, translate: Translate = str, *, width: int = WIDTH) -> str:
    """Everything but charts and sections of details, in lines of at most `width` columns where words allow."""
    lines = [document.title and translate(document.title), translate(document.facts)]
    lines = [line for told in lines if told for line in _wrapped(told, width)]
    if document.verdicts:
        lines += ["", *(line for told in document.verdicts for line in _wrapped(translate(told), width, "• "))]
    for section in document.sections:
        if not section.detail:
            lines += _section(section, translate, width)
    if document.notes:
        lines.append("")
    for note in document.notes:
        lines += _wrapped(f"{translate('note')}: {translate(note)}", width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def shown(value: str | float | int | None, digits: int) -> str:
    """A value of a table.

    >>> shown(0.5, 2), shown(7, 2), shown(None, 2), shown(float("nan"), 2)
    ('0.50', '7', '–', '–')
    """
    if isinstance(value, str):
        return " ".join(value.split())
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(int(value))


def right_columns(table: Table) -> list[bool]:
    """For each column whether it has numbers, or text that reads as one, such as "+8.97"; these stand to the right."""

    def right(cells: Sequence[str | float | int | None]) -> bool:
        words = [cell for cell in cells if isinstance(cell, str) and cell not in {"", "–"}]
        if len(words) < sum(cell is not None and not isinstance(cell, str) for cell in cells):
            return True
        return bool(words) and all(map(NUMBER.fullmatch, words))

    return [right([row[i] for row in table.rows]) for i in range(len(table.columns))]


def _section(section: Section, translate: Translate, width: int) -> list[str]:
    title = _wrapped(translate(section.title), width)
    lines = ["", *title, "─" * min(width, max(map(cell_len, title), default=0))]
    for sentence in section.sentences:
        lines += _wrapped(translate(sentence), width)
    for number, table in enumerate(section.tables):
        lines += [*([""] if number or section.sentences else []), *_table(table, translate, width)]
    return lines


def _table(table: Table, translate: Translate, width: int) -> list[str]:
    """The table, parted into several where its columns are too many; the first column is in each of them."""
    head = [" ".join(translate(name).split()) for name in table.columns]
    body = [
        [shown(translate(cell) if isinstance(cell, str) else cell, table.digits) for cell in row]
        for row in table.rows[:MAX_ROWS]
    ]
    columns = [
        _Column(name, [row[i] for row in body], right)
        for i, (name, right) in enumerate(zip(head, right_columns(table), strict=True))
    ]
    lines: list[str] = []
    for part in _parts(columns, width - INDENT):
        lines += ([""] if lines else []) + _aligned(part, width - INDENT)
    if len(table.rows) > MAX_ROWS:
        lines += ["", f"{translate(f'{MAX_ROWS} of {len(table.rows)} rows are shown')}"]
    return [" " * INDENT + line for line in lines]


@dataclass(frozen=True)
class _Column:
    head: str
    cells: list[str]
    right: bool

    @cached_property
    def widest(self) -> int:
        """Columns of the terminal that hold every cell in one line."""
        return max(cell_len(self.head), self.longest)

    @cached_property
    def longest(self) -> int:
        """The same without the head."""
        return max(map(cell_len, self.cells), default=0)

    @cached_property
    def least(self) -> int:
        """Columns that are enough: numbers are never parted, words hardly."""
        head, cells = (
            max(cell_len(word) for text in texts for word in text.split(" "))
            for texts in ([self.head], ["", *self.cells])
        )
        longest = max(min(head, LONG_HEAD), min(cells, LONG_WORD))
        return min(self.widest, max(longest, 0 if self.right else NARROWEST))


def _parts(columns: Sequence[_Column], room: int) -> Iterator[list[_Column]]:
    """Columns that fit beside each other, each time with the first; an interval stays with what it is of."""
    if not columns:
        return
    first, *others = columns
    heads = [column.head for column in others]
    units: list[list[_Column]] = []
    for column in others:
        bound = units and (heads.count(column.head) > 1 or column.head.startswith("95 %"))
        units[-1 if bound else len(units) :] = [[*(units[-1] if bound else ()), column]]
    part = [first]
    for unit in units:
        if len(part) > 1 and sum(column.least + BETWEEN for column in (*part, *unit)) - BETWEEN > room:
            yield part
            part = [first]
        part += unit
    yield part


def _aligned(columns: Sequence[_Column], room: int) -> list[str]:
    """Columns side by side under a line: numbers to the right, text to the left, in several lines where it is long."""
    widths = [column.least for column in columns]
    for _ in range(room - sum(widths) - BETWEEN * (len(widths) - 1)):
        lacking = [
            (column.longest - width, column.widest - width) for column, width in zip(columns, widths, strict=True)
        ]
        most = max(lacking, key=lambda need: (max(need[0], 0), need[1]))  # cells first, for they are many
        widths[lacking.index(most)] += max(most) > 0
    lines = _row([column.head for column in columns], columns, widths)
    lines.append("─" * (sum(widths) + BETWEEN * (len(widths) - 1)))
    for cells in zip(*(column.cells for column in columns), strict=True):
        lines += _row(cells, columns, widths)
    return lines


def _row(cells: Sequence[str], columns: Sequence[_Column], widths: Sequence[int]) -> list[str]:
    folded = [_folded(cell, width) for cell, width in zip(cells, widths, strict=True)]
    return [
        (" " * BETWEEN)
        .join(
            " " * (width - cell_len(piece)) + piece if column.right else piece + " " * (width - cell_len(piece))
            for piece, column, width in zip(pieces, columns, widths, strict=True)
        )
        .rstrip()
        for pieces in zip_longest(*folded, fillvalue="")
    ]


def _wrapped(sentence: str, width: int, mark: str = "") -> list[str]:
    lines = _folded(" ".join(sentence.split()), width - len(mark))
    return [(" " * len(mark) if number else mark) + line for number, line in enumerate(lines)]


def _folded(text: str, width: int) -> list[str]:
    """A text in lines of at most `width` columns, parted between words, and within those that are longer."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
        else:
            lines[len(lines) - (not lines[-1]) :] = chop_cells(word, width) or [""]
    return lines
