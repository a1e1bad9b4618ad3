"""What a chart shows, otherwise: as a table for who does not see it, and in another language."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

import numpy as np

from whenabouts.documents.chart import Bars, Chart, Grid, Histogram, Lines, Points
from whenabouts.documents.document import Table

__all__ = ["table_of", "translated"]

Row = tuple[str | float | int | None, ...]


def table_of(chart: Chart) -> Table:
    """The values of a chart."""
    match chart:
        case Bars():
            return _bars(chart)
        case Lines():
            named: list[Row] = [
                (name, x, y) for name, line in chart.lines.items() for x, y in zip(line.x, line.y, strict=True)
            ]
            return _table((chart.x, chart.y), named, len(chart.lines))
        case Points():
            named = [(name, x, y) for name, points in chart.points.items() for x, y in points]
            return _table((chart.x, chart.y), named, len(chart.points))
        case Histogram():
            gaps = zip(chart.edges, chart.edges[1:], *chart.shares.values(), strict=False)
            return Table((f"{chart.x}: from", "to", *chart.shares), tuple(gaps), 3)
        case Grid():
            high, wide = np.shape(chart.values) or (0, 0)
            columns = (f"{chart.x} {at:.3g}" for at in _middles(chart.x_range, wide))
            rows = zip(_middles(chart.y_range, high), chart.values, strict=True)
            return Table((chart.y, *columns), tuple((at, *row) for at, row in rows), 3)


def translated(chart: Chart, translate: Callable[[str], str]) -> Chart:
    """The chart with its names and labels in another language."""

    def words(value: object) -> object:
        if isinstance(value, str):
            return translate(value)
        return {translate(name): inside for name, inside in value.items()} if isinstance(value, dict) else value

    fields = {field.name: words(getattr(chart, field.name)) for field in dataclasses.fields(chart)}
    if isinstance(chart, Bars):
        fields["labels"] = tuple(map(translate, chart.labels))
    return dataclasses.replace(chart, **fields)  # type: ignore[arg-type]


def _bars(chart: Bars) -> Table:
    columns: dict[str, tuple[float | None, ...]] = {}
    for name, values in chart.series.items():
        columns[name] = values
        if bounds := (chart.intervals or {}).get(name):
            columns[f"{name}: from"] = tuple(None if one is None else one[0] for one in bounds)
            columns[f"{name}: to"] = tuple(None if one is None else one[1] for one in bounds)
    columns |= chart.marks or {}
    return Table((chart.value, *columns), tuple(zip(chart.labels, *columns.values(), strict=True)), 3)


def _table(columns: tuple[str, ...], named: Iterable[Row], groups: int) -> Table:
    return Table(("", *columns), tuple(named), 3) if groups > 1 else Table(columns, tuple(row[1:] for row in named), 3)


def _middles(ends: tuple[float, float], count: int) -> list[float]:
    low, high = ends
    return [low + (high - low) * (i + 0.5) / count for i in range(count)]
