"""The pictures of a diagnosis, of one system or of two beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.outcomes import OUTCOMES
from whenabouts.documents.chart import Bars, Histogram, Line, Lines

if TYPE_CHECKING:
    from whenabouts.auditing.diagnosis.diagnosis import Diagnosis

__all__ = ["error_charts", "iou_chart", "length_chart", "outcome_chart", "recall_chart"]

IOU_EDGES = tuple(round(0.05 * step, 2) for step in range(21))
ERROR_BINS = 25  # odd, so that no error is in the middle of one
TAIL = 0.05  # of the errors on either side that are drawn in the last bin
LENGTH_BINS = 8
FEWEST = 5  # queries of a point


def outcome_chart(told: Sequence[Diagnosis]) -> Bars:
    """The share of every outcome that there is."""
    names = [name for name in OUTCOMES if any(one.counts[name] for one in told)]
    shares = {one.name: {outcome.name: outcome.share for outcome in one.outcomes} for one in told}
    return Bars(
        "Outcomes",
        tuple(names),
        {name: tuple(of[n].mean if n in of else 0.0 for n in names) for name, of in shares.items()},
        "% of the queries",
        {name: tuple((of[n].low, of[n].high) if n in of else None for n in names) for name, of in shares.items()},
    )


def error_charts(told: Sequence[Diagnosis]) -> tuple[Histogram, ...]:
    """Signed errors of starts and of ends, over the answers that overlap a true moment."""
    charts = []
    for at, title in enumerate(("Errors of starts", "Errors of ends")):
        errors = {one.name: one.facts.errors[one.facts.overlap > 0, at] for one in told}
        every = np.concatenate(list(errors.values()))
        if not len(every):
            continue
        reach = max(1.0, float(np.abs(np.quantile(every, [TAIL, 1 - TAIL])).max()))
        edges = np.linspace(-reach, reach, ERROR_BINS + 1)
        shares = {name: _shares(np.clip(found, -reach, reach), edges) for name, found in errors.items()}
        charts.append(Histogram(title, tuple(edges.tolist()), shares, "seconds, early to late", "share"))
    return tuple(charts)


def iou_chart(told: Sequence[Diagnosis]) -> Histogram:
    """How the IoU of the answers is distributed."""
    edges = np.array(IOU_EDGES)
    shares = {one.name: _shares(np.clip(one.facts.iou, 0.0, 1.0), edges) for one in told}
    return Histogram("IoU of the answers", IOU_EDGES, shares, "IoU", "share")


def recall_chart(told: Sequence[Diagnosis]) -> Lines:
    """Recall against the threshold."""
    lines = {one.name: Line(tuple(one.fit.by_threshold), tuple(one.fit.by_threshold.values())) for one in told}
    return Lines("Recall against the threshold", lines, "IoU", "R1, %")


def length_chart(told: Sequence[Diagnosis]) -> Lines | None:
    """Recall against the length of the moment, with the constant window; None where all moments are equally long."""
    lengths = np.array([float(np.diff(e.windows, axis=1).mean()) for e in told[0].facts.examples])
    positive = lengths > 0
    if not positive.any():
        return None
    edges = np.unique(np.quantile(lengths[positive], np.linspace(0, 1, LENGTH_BINS + 1)))
    if len(edges) < 3:
        return None
    bins = np.clip(np.searchsorted(edges, lengths, side="right") - 1, 0, len(edges) - 2)
    lines = {one.name: _line(lengths, one.facts.hit, bins, positive) for one in told}
    facts = told[0].facts
    known = positive & ~np.isnan(facts.blind_iou)
    if known.any():
        lines["constant window"] = _line(lengths, facts.blind_iou >= facts.threshold, bins, known)
    title = f"R1@{facts.threshold:g} against the length of the moment"
    return Lines(title, lines, "seconds", "R1, %", log=("x",))


def _line(
    lengths: NDArray[np.float64], right: NDArray[np.bool_], bins: NDArray[np.intp], among: NDArray[np.bool_]
) -> Line:
    points = []
    for number in range(int(bins.max()) + 1):
        chosen = among & (bins == number)
        if chosen.sum() >= FEWEST:
            points.append((float(np.exp(np.log(lengths[chosen]).mean())), 100 * float(right[chosen].mean())))
    return Line(tuple(x for x, _ in points), tuple(y for _, y in points))


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> tuple[float, ...]:
    counts, _ = np.histogram(values, edges)
    return tuple((counts / max(1, len(values))).tolist())
