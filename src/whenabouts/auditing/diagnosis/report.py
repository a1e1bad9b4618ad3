"""A diagnosis as a `Document`: of one system, or of two beside each other."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from whenabouts.auditing.diagnosis.charts import error_charts, iou_chart, length_chart, outcome_chart, recall_chart
from whenabouts.auditing.diagnosis.tables import (
    absent_table,
    differences_table,
    ends_tables,
    examples_table,
    fit_table,
    groups_tables,
    outcomes_table,
    ranks_tables,
    several_table,
)
from whenabouts.documents.document import Document, Section

if TYPE_CHECKING:
    from whenabouts.auditing.diagnosis.beside import TwoDiagnoses
    from whenabouts.auditing.diagnosis.diagnosis import Diagnosis, Outcome

__all__ = ["document"]


def document(told: Sequence[Diagnosis], beside: TwoDiagnoses | None = None) -> Document:
    """The report on one system; on two with what is between them first."""
    first = told[0]
    report = first.judged.report
    happen = f"{len(first.facts)} queries" + (f", {len(first.absent)} that do not happen" if first.absent else "")
    facts = f"{report.dataset.title}, {report.split} · {happen} · protocol {report.protocol} · IoU {first.threshold:g}"
    names = " and ".join(one.name for one in told)
    return Document(
        f"What {names} gets wrong" if beside is None else f"What {names} get wrong",
        facts,
        first.sentences if beside is None else beside.sentences,
        tuple(_sections(told, beside)),
        told[0].notes if beside is None else beside.notes,
    )


def _sections(told: Sequence[Diagnosis], beside: TwoDiagnoses | None) -> Iterator[Section]:
    if beside is not None:
        yield Section("Differences", tables=(differences_table(beside),))
        for one in told:
            yield Section(one.name, one.sentences)
    yield Section("Outcomes", tables=(outcomes_table(told), *absent_table(told)), charts=(outcome_chart(told),))
    yield Section("Fit", tables=(fit_table(told),), charts=(iou_chart(told), recall_chart(told)))
    yield Section("Starts and ends", tables=ends_tables(told), charts=error_charts(told))
    length = length_chart(told)
    yield Section("Kinds of queries", tables=groups_tables(told), charts=() if length is None else (length,))
    yield Section("Ranks and moments", tables=(*ranks_tables(told), *several_table(told)))
    for one in told:
        for outcome in one.outcomes:
            if outcome.name != "hit":
                yield _of_outcome(one, outcome, len(told) > 1)


def _of_outcome(one: Diagnosis, outcome: Outcome, several: bool) -> Section:
    """The worst answers of an outcome, with the command that shows the first of them in its video."""
    rows = one.rows(outcome.name)
    sentences = [f"{outcome.meaning}; the worst first"]
    if at := next((row for row in rows if row.get("file")), None):
        sentences.append(f"to look at it: whenabouts find {shlex.quote(at['file'])} {shlex.quote(at['query'])}")
    title = f"{one.name}: {outcome.name}" if several else outcome.name
    return Section(title, tuple(sentences), (examples_table(rows),), detail=True)
