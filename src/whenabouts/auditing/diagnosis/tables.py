"""The tables of a diagnosis, of one system or of two beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from whenabouts.auditing.diagnosis.absent import ABSENT_OUTCOMES
from whenabouts.auditing.diagnosis.outcomes import OUTCOMES
from whenabouts.documents.document import Table
from whenabouts.metrics.bootstrap import Interval

if TYPE_CHECKING:
    from whenabouts.auditing.diagnosis.beside import TwoDiagnoses
    from whenabouts.auditing.diagnosis.diagnosis import Diagnosis

__all__ = [
    "absent_table",
    "differences_table",
    "ends_tables",
    "examples_table",
    "fit_table",
    "groups_tables",
    "outcomes_table",
    "ranks_tables",
    "several_table",
]

EXAMPLES = 10  # of each outcome
Cell = str | float | int | None


def differences_table(beside: TwoDiagnoses) -> Table:
    """What the first has more than the second, with 95 % bounds."""
    rows = tuple((name, gap.mean, gap.low, gap.high) for name, gap in beside.differences.items())
    return Table(("points", f"{beside.first.name} less {beside.second.name}", "95 % from", "to"), rows, 1)


def outcomes_table(told: Sequence[Diagnosis]) -> Table:
    """How often each outcome is, what mending it would bring, and of one system alone what it means."""
    rows: list[tuple[Cell, ...]] = []
    found = [{o.name: o for o in one.outcomes} for one in told]
    for name, meaning in OUTCOMES.items():
        if not any(name in of for of in found):
            continue
        cells: list[Cell] = []
        for of in found:
            one = of.get(name)
            cells += (one.queries, _with_bounds(one.share)) if one else (0, None)
            cells += (_with_bounds(one.gain.recall), _with_bounds(one.gain.miou)) if one and one.gain else (None, None)
        rows.append((name, *cells, *([meaning] if len(told) == 1 else [])))
    columns = [c for one in told for c in (_of("queries", one, told), "% (95 %)", "R1 if mended", "mIoU if mended")]
    return Table(("outcome", *columns, *(["meaning"] if len(told) == 1 else [])), tuple(rows), 1)


def absent_table(told: Sequence[Diagnosis]) -> tuple[Table, ...]:
    """Of queries that do not happen; no table without such queries."""
    if not told[0].absent:
        return ()
    rows: list[tuple[Cell, ...]] = []
    for name, meaning in ABSENT_OUTCOMES.items():
        rows.append((name, *(one.counts[name] for one in told), meaning))
    return (Table(("queries that do not happen", *(one.name for one in told), "meaning"), tuple(rows)),)


def fit_table(told: Sequence[Diagnosis]) -> Table:
    """Recall and IoU, beside the best blind baseline."""

    def row(name: str, values: Sequence[float | str | None]) -> tuple[Cell, ...]:
        return (name, *values)

    fits = [one.fit for one in told]
    threshold = told[0].threshold
    rows = [
        row(f"R1@{threshold:g} (95 %)", [*(_with_bounds(f.recall) for f in fits), fits[0].blind_recall]),
        row("mIoU (95 %)", [*(_with_bounds(f.miou) for f in fits), fits[0].blind_miou]),
        *(row(f"R1@{t:g}", [*(f.by_threshold[t] for f in fits), None]) for t in (0.3, 0.5, 0.7, 0.9) if t != threshold),
        row("mean IoU of hits", [*(f.hits for f in fits), None]),
        row("mean IoU of misses", [*(f.misses for f in fits), None]),
        row("% that touch no true moment", [*(f.apart for f in fits), None]),
        row("% of hits within 0.1 of the threshold", [*(f.barely for f in fits), None]),
    ]
    return Table(("score", *(one.name for one in told), "best blind"), tuple(rows))


def ends_tables(told: Sequence[Diagnosis]) -> tuple[Table, ...]:
    """Errors of starts and ends, lengths, and what it would bring to undo those that all answers have alike."""
    rows: list[tuple[Cell, ...]] = []
    for one in told:
        if (e := one.ends) is not None:
            for name, end in (("start", e.start), ("end", e.end)):
                spread = f"{end.spread[0]:.1f} to {end.spread[1]:.1f}"
                rows.append((one.name, name, e.queries, _with_bounds(end.bias), end.median, spread))
    lengths = tuple(
        (one.name, n.answers, _with_bounds(n.ratio, 2), "{:.2f} to {:.2f}".format(*n.quartiles))
        for one in told
        if (n := one.lengths)
    )
    adjusted = tuple(
        (one.name, HOW[a.kind], f"{a.value:.2f}", _with_bounds(a.recall), _with_bounds(a.miou))
        for one in told
        for a in one.adjusted
    )
    head = ("answers that overlap", "of", "answers", "bias, s (95 %)", "median, s", "half lie in")
    tables = (
        Table(head, tuple(rows)),
        Table(("all answers", "answers", "length / true length, median (95 %)", "half lie in"), lengths),
        Table(("all answers alike, as measured", "how", "value", "R1, points (95 %)", "mIoU, points (95 %)"), adjusted),
    )
    return tuple(table for table in tables if table.rows)


HOW = {"length": "length times", "shift": "moved by seconds"}


def groups_tables(told: Sequence[Diagnosis]) -> tuple[Table, ...]:
    """Scores of kinds of queries, one table for each way to part them."""
    tables = []
    for by in dict.fromkeys(group.by for group in told[0].groups):
        rows: list[tuple[Cell, ...]] = []
        for group in (g for g in told[0].groups if g.by == by):
            same = [next((g for g in one.groups if (g.by, g.name) == (by, group.name)), None) for one in told]
            scores = [cell for g in same for cell in ((_with_bounds(g.recall), g.miou) if g else (None, None))]
            rows.append((group.name, group.queries, group.blind, *scores))
        columns = [column for one in told for column in (_of("R1 (95 %)", one, told), "mIoU")]
        tables.append(Table((BY[by], "queries", "blind R1", *columns), tuple(rows), 1))
    return tuple(tables)


BY = {
    "length": "by length",
    "place": "by place in the video",
    "moments": "by number of moments",
    "words": "by words",
    "wording": "by wording",
    "verb": "by first verb",
}


def ranks_tables(told: Sequence[Diagnosis]) -> tuple[Table, ...]:
    """Where right answers stand, and which stage causes misses."""
    names = tuple(one.name for one in told)
    ranks: list[tuple[Cell, ...]] = [(rank, *(one.ranks[rank] for one in told)) for rank in told[0].ranks]
    stages: list[tuple[Cell, ...]] = [(stage, *(one.stages[stage] for one in told)) for stage in told[0].stages]
    return (
        Table(("rank of the first right answer", *names), tuple(ranks)),
        Table(("stage that causes it (ExtremeWhenBench)", *names), tuple(stages)),
    )


def several_table(told: Sequence[Diagnosis]) -> tuple[Table, ...]:
    """Which moments of several were found; no table where queries happen once."""
    if not told[0].several:
        return ()
    rows: list[tuple[Cell, ...]] = [
        (f.name, f.moments, *(100 * one.several[i].share for one in told)) for i, f in enumerate(told[0].several)
    ]
    return (Table(("of several moments", "moments", *(f"% found, {one.name}" for one in told)), tuple(rows), 1),)


def examples_table(found: Sequence[Mapping[str, Any]]) -> Table:
    """The worst answers of an outcome."""
    rows = tuple(
        (str(r["qid"]), r["video"], r["query"], _span(r["truth"]), _span(r["answer"]), r["iou"])
        for r in found[:EXAMPLES]
    )
    return Table(("qid", "video", "query", "truth, s", "answer, s", "IoU"), rows)


def _span(window: list[float] | None) -> str | None:
    return None if window is None else f"{window[0]:.1f} – {window[1]:.1f}"


def _with_bounds(interval: Interval, digits: int = 1) -> str:
    if not np.isfinite([interval.low, interval.high]).all():  # of one video nothing follows
        return f"{interval.mean:.{digits}f}"
    between = "–" if interval.low >= 0 else " to "
    return f"{interval.mean:.{digits}f} ({interval.low:.{digits}f}{between}{interval.high:.{digits}f})"


def _of(what: str, one: Diagnosis, told: Sequence[Diagnosis]) -> str:
    return what if len(told) == 1 else f"{one.name}: {what}"
