"""What a reader sees of a stress test: flaws in words, figures beside trivial baselines, curves, what was asked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from whenabouts.documents.chart import Line, Lines
from whenabouts.documents.document import Document, Section, Table
from whenabouts.trust.baselines import BASELINES

if TYPE_CHECKING:
    from whenabouts.trust.probe import Curve, Finding
    from whenabouts.trust.stress.report import Report

__all__ = ["document"]

DIGITS = 3
STATED = "stated probability"  # an axis on which what is true lies on the diagonal


def document(report: Report) -> Document:
    """The report to read. What could not be looked at stands beside what was found."""
    sections = [*_unseen(report.passed_over), *(_finding(finding) for finding in report.findings if _shown(finding))]
    sections += [_query_by_query(finding) for finding in report.findings if finding.rows]
    return Document(
        f"Stress test of {report.model}",
        report.facts,
        (report.verdict, *(f"{flaw.name}: {flaw.sentence}" for flaw in report.flaws)),
        (*sections, _receipt(report), _cases(report.cases)),
        report.notes,
    )


def _unseen(passed_over: Mapping[str, str]) -> Iterator[Section]:
    if passed_over:
        yield Section("Not looked at", tuple(f"{name}: {why}" for name, why in passed_over.items()))


def _shown(finding: Finding) -> bool:
    return bool(finding.figures or finding.curves)


def _finding(finding: Finding) -> Section:
    tables = (_figures(finding.figures),) if finding.figures else ()
    return Section(finding.probe, finding.notes, tables, tuple(_chart(*named) for named in finding.curves.items()))


def _figures(figures: Mapping[str, float]) -> Table:
    """A figure "X of B", where B is a trivial baseline, stands in the row X and the column B."""
    beside = [name for name in BASELINES if any(figure.endswith(f" of {name}") for figure in figures)]
    own = [figure for figure in figures if not any(figure.endswith(f" of {name}") for name in beside)]
    rows = (
        (figure, *(_whole(figures.get(name)) for name in (figure, *(f"{figure} of {name}" for name in beside))))
        for figure in own
    )
    return Table(("figure", "model", *beside) if beside else ("figure", "value"), tuple(rows), DIGITS)


def _whole(value: float | None) -> float | int | None:
    """Counts are whole numbers, and read as such."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() and abs(value) >= 2 else float(value)


def _chart(name: str, curve: Curve) -> Lines:
    lines = {"model": Line(curve.x, curve.y)}
    if curve.x_label == STATED:
        lines["as stated"] = Line((0.0, 1.0), (0.0, 1.0))
    return Lines(name, lines, curve.x_label, curve.y_label)


def _query_by_query(finding: Finding) -> Section:
    columns = tuple(dict.fromkeys(name for row in finding.rows for name in row))
    rows = tuple(tuple(_cell(row.get(name)) for name in columns) for row in finding.rows)
    return Section(f"{finding.probe}: query by query", tables=(Table(columns, rows, DIGITS),), detail=True)


def _cell(value: str | float | None) -> str | float | int | None:
    return value if isinstance(value, str) else _whole(value)


def _receipt(report: Report) -> Section:
    """As it is, so that nothing is read into it."""
    values = {**report.receipt, "model": report.model, **report.settings}
    rows = tuple((name, value if isinstance(value, str) else json.dumps(value)) for name, value in values.items())
    return Section("How this was measured", tables=(Table(("setting", "value"), rows),), detail=True)


def _cases(cases: Sequence[Mapping[str, Any]]) -> Section:
    rows = tuple((str(case["video"]), str(case["query"]), _windows(case["truth"])) for case in cases)
    return Section("What was asked", tables=(Table(("video", "query", "truth"), rows),), detail=True)


def _windows(truth: Sequence[Sequence[float]] | None) -> str:
    if truth is None:
        return "unknown"
    return ", ".join(f"{start:.1f}–{end:.1f} s" for start, end in truth) or "does not happen"
