"""`Document`: the sentences, tables and charts of a report, in the order in which they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from whenabouts.documents.chart import Chart

__all__ = ["Document", "Readable", "Section", "Table"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text and numbers under columns; None is shown as a dash.

    digits: places after the point of numbers that are no whole numbers
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | int | None, ...], ...]
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it: sentences first, then tables, then charts.

    detail: shown on a page only, where a reader opens it, such as examples of every kind
    """

    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    detail: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A report to read.

    facts:    what it is about, in a line
    verdicts: what was found, in sentences, the most important first; they stand before everything else
    notes:    what was left out, and what may be wrong
    """

    title: str
    facts: str
    verdicts: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()


class Readable(Protocol):
    """The result of a command that reports."""

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON values."""
        ...

    def document(self) -> Document:
        """What a reader sees."""
        ...
