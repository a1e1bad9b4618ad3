"""One self-contained HTML page of a report: verdicts, then tables and charts, light or dark."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from whenabouts.documents.chart import Chart
from whenabouts.documents.charted import table_of, translated
from whenabouts.documents.document import Document, Section, Table
from whenabouts.documents.draw import svg
from whenabouts.documents.palette import css
from whenabouts.documents.text import right_columns, shown
from whenabouts.errors import MissingExtra
from whenabouts.files.atomic import replacing
from whenabouts.interchange.assembled import page
from whenabouts.language import ENGLISH, available, translations

__all__ = ["MAX_ROWS", "write_page"]

MAX_ROWS = 1000  # of a table
MAX_NAMES = 50  # different texts in a column that has names; one of more has texts of the data, such as queries
MAX_DATA_CHARS = 4_000_000  # of the JSON that a page gives back
MODULES = ("elements", "language", "icons", "theme", "table")


def write_page(document: Document, out: Path, data: Mapping[str, Any] | None = None) -> Path:
    """Write the page at `out`, completely or not at all, and return its path.

    data: the report as JSON values, which the page gives to who wants to go on with it, unless it is very long

    Without matplotlib charts are tables of their values, under a sentence that says so. Raises InputError where nothing
    can be written.
    """
    content = _content(document)
    if data is not None and len(json.dumps(data, default=str)) <= MAX_DATA_CHARS:
        content["data"] = data
    rules = css(':root[data-theme="dark"]')
    text = page("document", ("base", "document"), MODULES, content, [*_said(document)], rules)
    with replacing(out, folders=True) as part:
        part.write_text(text, encoding="utf-8")
    return out


def _content(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "facts": document.facts,
        "verdicts": document.verdicts,
        "sections": [_section(section) for section in document.sections],
        "notes": document.notes,
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "sentences": section.sentences,
        "tables": [_table(table) for table in section.tables],
        "charts": [_chart(chart) for chart in section.charts],
        "detail": section.detail,
    }


def _table(table: Table) -> dict[str, Any]:
    """Cells as they are read, so that a page and a terminal say the same."""
    rows = table.rows[:MAX_ROWS]
    return {
        "columns": table.columns,
        "right": right_columns(table),
        "rows": [[shown(cell, table.digits) for cell in row] for row in rows],
        "all": len(table.rows),
    }


def _chart(chart: Chart) -> dict[str, Any]:
    """The picture in English, and in each language in which it is another."""
    try:
        pictures = {ENGLISH: svg(chart)}
        for code in available():
            if (catalogue := translations(code)) and (said := translated(chart, catalogue.translate)) != chart:
                pictures[code] = svg(said)
        missing = None
    except MissingExtra as error:  # a report that took hours is not lost for want of its pictures
        pictures, missing = {}, str(error)
    return {"title": chart.title, "pictures": pictures, "missing": missing, "table": _table(table_of(chart))}


def _said(document: Document) -> Iterator[str]:
    """The sentences and names that a reader's language may have."""
    yield from (document.title, document.facts, *document.verdicts, *document.notes)
    for section in document.sections:
        yield from (section.title, *section.sentences)
        for table in (*section.tables, *map(table_of, section.charts)):
            yield from table.columns
            for column in zip(*table.rows[:MAX_ROWS], strict=True):
                words = {cell for cell in column if isinstance(cell, str)}
                yield from sorted(words) if len(words) <= MAX_NAMES else ()
        yield from (chart.title for chart in section.charts)
