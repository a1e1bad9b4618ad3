"""Scores as tables for a person at a terminal; the protocol's name is part of every heading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from whenabouts.evaluation.report import Report


def print_figures(figures: Mapping[str, Any], heading: str, *, fractions: bool = False) -> None:
    """Print the numbers of an evaluator's dictionary, or of its `brief`, as percentages."""
    table = _table(["metric", "score"])
    for name, value in figures.get("brief", figures).items():
        if isinstance(value, int | float):
            table.add_row(name, f"{100 * value if fractions else value:.2f}")
    _print(heading, table)


def print_report(report: Report, heading: str) -> None:
    """Print scores with their intervals and blind baselines, boundary errors, and scores by length."""
    table = _table(["metric", "score", "95 % over videos", *report.blind])
    for name, value in report.scores.items():
        low, high = report.intervals[name]
        baselines = (f"{scores[name]:.2f}" for scores in report.blind.values())
        table.add_row(name, f"{value:.2f}", f"{low:.1f} – {high:.1f}", *baselines)
    _print(f"{heading} · protocol {report.protocol} ({report.source})", table)
    typer.echo(f"{report.queries} queries, {report.answered} answered")
    if error := report.boundary:
        typer.echo(
            f"boundary error: start {error.start_mean:.2f} s (median {error.start_median:.2f}), "
            f"end {error.end_mean:.2f} s (median {error.end_median:.2f})"
        )
    lengths = _table(["length", "queries", *report.scores])
    for row in report.by_length:
        name = f"over {row.low:g} s" if row.high is None else f"{row.low:g} – {row.high:g} s"
        lengths.add_row(name, str(row.queries), *(f"{row.scores[metric]:.2f}" for metric in report.scores))
    _print(f"{heading} · protocol {report.protocol}, by the length of the moment", lengths)


def _print(heading: str, table: Any) -> None:
    from rich.console import Console

    typer.echo(heading)
    Console().print(table)


def _table(columns: Sequence[str]) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right")
    return table
