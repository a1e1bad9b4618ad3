"""A comparison to read: verdicts first, then figures with intervals, parts of the queries, and single queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from whenabouts.auditing.comparison.changes import Answered
from whenabouts.auditing.comparison.delta import Delta
from whenabouts.documents.chart import Bars, Line, Lines, Points
from whenabouts.documents.document import Document, Section, Table
from whenabouts.metrics.bootstrap import Interval

if TYPE_CHECKING:
    from whenabouts.auditing.comparison.comparison import Comparison, Versus

__all__ = ["document"]

SHOWN = 10  # queries in a table
DOTS = 2000  # in a chart
STEPS = tuple(round(i / 20, 2) for i in range(21))


def document(comparison: Comparison) -> Document:
    """The document of a comparison."""
    several = len(comparison.pairs) > 1
    sections: list[Section] = []
    for pair in comparison.pairs:
        sections += _sections(pair, f" · {pair.second}" if several else "")
    notes = (*comparison.notes, *(note for pair in comparison.pairs for note in pair.notes))
    return Document(
        title=" – ".join(comparison.systems),
        facts=f"{comparison.title}, {comparison.split} · protocol {comparison.protocol} · "
        f"{comparison.queries} queries on {comparison.videos} videos",
        verdicts=tuple(told for pair in comparison.pairs for told in pair.verdicts()),
        sections=tuple(sections),
        notes=tuple(dict.fromkeys(notes)),
    )


def _sections(pair: Versus, suffix: str) -> list[Section]:
    name = f"{pair.second} − {pair.first}"
    found = [
        Section(
            f"Figures{suffix}",
            tables=(_figures(pair), _spans(pair)),
            charts=(_bars(name, [(d.figure, d) for d in pair.deltas]),),
        )
    ]
    found.append(
        Section(f"Tests that take queries to be independent{suffix}", tables=(_tests(pair.deltas),), detail=True)
    )
    if pair.references:
        found.append(_references(pair, suffix))
    if pair.buckets:
        found.append(_parts(pair, suffix))
    if pair.queries:
        found += [_overlaps(pair, suffix), _changes(pair, suffix)]
    return found


def _figures(pair: Versus) -> Table:
    blind = any(d.blind is not None for d in pair.deltas)
    rows = []
    for d in pair.deltas:
        of = d.difference
        each = tuple(format(100 * value.mean, ".2f") for value in (of.first, of.second))
        row = (d.figure, *each, *_cells(of.delta, "+"), f"{d.p:.4f}")
        rows.append((*row, *([None if d.blind is None else 100 * d.blind] if blind else [])))
    columns = ("figure", pair.first, pair.second, "difference", "95 %", "p", *(["best blind"] if blind else []))
    return Table(columns, tuple(rows))


def _spans(pair: Versus) -> Table:
    rows = tuple(
        (
            d.figure,
            *(_cells(of)[1] for of in (d.difference.first, d.difference.second)),
            None if np.isnan(d.stderr) else 100 * d.stderr,
            None if d.smallest is None else 100 * d.smallest,
        )
        for d in pair.deltas
    )
    columns = ("figure", f"95 % of {pair.first}", f"95 % of {pair.second}", "standard error", "smallest shown")
    return Table(columns, rows)


def _tests(deltas: Sequence[Delta]) -> Table:
    rows = []
    for d in deltas:
        exact, mid = (None, None) if d.mcnemar is None else (f"{d.mcnemar.exact:.4f}", f"{d.mcnemar.mid:.4f}")
        p = None if d.t is None or np.isnan(d.t.p) else f"{d.t.p:.4f}"
        rows.append((d.figure, d.difference.queries, d.gained, d.lost, exact, mid, p))
    columns = ("figure", "queries", "gained", "lost", "McNemar p", "mid-p", "t test p")
    return Table(columns, tuple(rows))


def _parts(pair: Versus, suffix: str) -> Section:
    chosen = [b for b in pair.buckets if b.delta.figure == pair.main]
    rows = tuple(
        (f"{b.by}: {b.name}", b.delta.difference.queries, *_cells(b.delta.difference.delta, "+"), f"{b.delta.p:.4f}")
        for b in chosen
    )
    table = Table(("part of the queries", "number", "difference", "95 %", "p"), rows)
    said = f"{pair.main}: p is corrected for {len(pair.buckets)} looks (Holm), an interval is that of its part alone"
    labelled = [(f"{b.by}: {b.name}", b.delta) for b in chosen]
    return Section(
        f"Parts of the queries{suffix}",
        (said,),
        (table,),
        (_bars(f"{pair.second} − {pair.first} at {pair.main}", labelled),),
    )


def _references(pair: Versus, suffix: str) -> Section:
    found = pair.references
    assert found is not None
    tables = []
    for truth, deltas in (("by the annotations", found.annotated), ("by the references", found.references)):
        people = found.people if deltas is found.references else {}
        rows = []
        for d in deltas:
            each = tuple(format(100 * of.mean, ".2f") for of in (d.difference.first, d.difference.second))
            cells = (d.figure, *each, *_cells(d.difference.delta, "+"), f"{d.p:.4f}")
            rows.append((*cells, *([people.get(d.figure)] if people else [])))
        columns = (truth, pair.first, pair.second, "difference", "95 %", "p", *(["a person"] if people else []))
        tables.append(Table(columns, tuple(rows)))
    said = (
        f"{found.queries} queries have {found.opinions} references; R_mr@m is a hit with any of them, "
        "mean R1@m the share of people for whom an answer is right, and IoU must be above m"
    )
    return Section(f"References{suffix}", (said,), tuple(tables))


def _overlaps(pair: Versus, suffix: str) -> Section:
    step = max(1, -(-len(pair.queries) // DOTS))
    dots = tuple((query.iou_first, query.iou_second) for query in pair.queries[::step])
    shares = {
        name: Line(STEPS, tuple(float(np.mean(ious >= x)) for x in STEPS))
        for name, ious in (
            (pair.first, np.array([q.iou_first for q in pair.queries])),
            (pair.second, np.array([q.iou_second for q in pair.queries])),
        )
    }
    return Section(
        f"IoU of the first window{suffix}",
        charts=(
            Lines("queries that reach an IoU", shares, "IoU", "share of queries"),
            Points("IoU of each query", {"queries": dots}, pair.first, pair.second, diagonal=True),
        ),
        detail=True,
    )


def _changes(pair: Versus, suffix: str) -> Section:
    counts = pair.outcomes()
    tables = [Table(("outcome", "queries"), tuple(counts.items()))]
    apart = pair.apart(10**9)
    for kind in ("gained", "lost"):
        rows = [query for query in apart if query.outcome == kind][:SHOWN]
        tables += [_queries(kind, rows, pair)] if rows else []
    return Section(f"Queries that are answered otherwise{suffix}", tables=tuple(tables), detail=True)


def _queries(kind: str, rows: Sequence[Answered], pair: Versus) -> Table:
    columns = (kind, "video", "query", "truth", pair.first, "IoU", pair.second, "IoU")
    return Table(
        columns,
        tuple(
            (
                str(q.example.qid),
                q.example.video,
                q.example.query,
                ", ".join(f"{start:g} – {end:g}" for start, end in q.example.windows.tolist()),
                _window(q.first),
                q.iou_first,
                _window(q.second),
                q.iou_second,
            )
            for q in rows
        ),
    )


def _bars(title: str, deltas: Sequence[tuple[str, Delta]]) -> Bars:
    spans = [d.difference.delta for _, d in deltas]
    return Bars(
        title,
        tuple(label for label, _ in deltas),
        {"difference": tuple(100 * span.mean for span in spans)},
        "points",
        {"difference": tuple((100 * span.low, 100 * span.high) for span in spans)},
    )


def _cells(of: Interval, sign: str = "") -> tuple[str, str]:
    mean, low, high = (100 * value for value in of)
    return format(mean, f"{sign}.2f"), f"{low:.1f} to {high:.1f}"


def _window(window: tuple[float, float] | None) -> str | None:
    return None if window is None else f"{window[0]:g} – {window[1]:g}"
