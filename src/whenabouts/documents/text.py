"""A document as text for a terminal: verdicts first, then tables that fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from rich.cells import cell_len, chop_cells

from whenabouts.documents.document import Document, Section, Table

__all__ = ["MAX_ROWS", "WIDTH", "shown", "text"]

WIDTH = 80  # columns of a terminal
INDENT, BETWEEN = 2, 2  # columns before a table, and between its columns
MAX_ROWS = 100  # of a table
NARROWEST, LONG_WORD = 10, 24  # to which a column of text is made narrower; longer words are parted
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
    right = [any(isinstance(row[i], int | float) for row in table.rows) for i in range(len(head))]
    columns = [_Column(name, [row[i] for row in body], right[i]) for i, name in enumerate(head)]
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
        return max(map(cell_len, (self.head, *self.cells)))

    @cached_property
    def least(self) -> int:
        """Columns that are enough: numbers are never parted, words hardly."""
        longest = max(cell_len(word) for cell in (self.head, *self.cells) for word in cell.split(" "))
        return min(self.widest, max(min(longest, LONG_WORD), 0 if self.right else NARROWEST))


def _parts(columns: Sequence[_Column], room: int) -> Iterator[list[_Column]]:
    """Columns that fit beside each other, each time with the first."""
    if not columns:
        return
    first, *others = columns
    part = [first]
    for column in others:
        if len(part) > 1 and sum(c.least + BETWEEN for c in (*part, column)) - BETWEEN > room:
            yield part
            part = [first]
        part.append(column)
    yield part


def _aligned(columns: Sequence[_Column], room: int) -> list[str]:
    """Columns side by side under a line: numbers to the right, text to the left, in several lines where it is long."""
    widths = [column.least for column in columns]
    for _ in range(room - sum(widths) - BETWEEN * (len(widths) - 1)):
        lacking = [column.widest - width for column, width in zip(columns, widths, strict=True)]
        widths[lacking.index(max(lacking))] += max(lacking) > 0
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
