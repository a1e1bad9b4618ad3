"""A `DetectionDiagnosis` as a document to read: verdicts, tables, charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from whenabouts.auditing.detection.mistakes import ERRORS, KINDS, LIMIT
from whenabouts.auditing.detection.sentences import sentences
from whenabouts.documents.chart import Bars, Line, Lines
from whenabouts.documents.document import Document, Section, Table

if TYPE_CHECKING:
    from whenabouts.auditing.detection.diagnosis import DetectionDiagnosis, Sensitivity

__all__ = ["document"]

MAP_N = "average mAP_N, per cent"


def document(diagnosis: DetectionDiagnosis) -> Document:
    """Scores, false positives with their cost, then each characteristic; shares and scores are per cent."""
    classes, low, high = int(diagnosis.truth.counted.sum()), diagnosis.tious[0], diagnosis.tious[-1]
    tious = f"tIoU {low:g}" if low == high else f"tIoU {low:g} to {high:g}"
    facts = (
        f"{diagnosis.dataset.title}, {diagnosis.split}: {len(diagnosis.detections)} detections of {diagnosis.name}, "
        f"{len(diagnosis.truth.instances)} instances of {classes} classes, {tious}"
    )
    sections = (
        _scores(diagnosis),
        _false_positives(diagnosis),
        *(_characteristic(row, diagnosis) for row in diagnosis.by_characteristic),
    )
    return Document("Errors of detections", facts, sentences(diagnosis), sections, diagnosis.notes)


def _scores(diagnosis: DetectionDiagnosis) -> Section:
    table = np.stack([diagnosis.mean_ap, diagnosis.normalised, diagnosis.found], axis=1) * 100
    names = [*(f"{tiou:g}" for tiou in diagnosis.tious), "average"]
    rows = [(name, *row) for name, row in zip(names, [*table.tolist(), table.mean(axis=0).tolist()], strict=True)]
    said = "mAP_N takes every class as having the mean number of instances, so that frequent classes are not easier"
    return Section("Scores", (said,), (Table(("tIoU", "mAP", "mAP_N", "instances found"), tuple(rows)),))


def _false_positives(diagnosis: DetectionDiagnosis) -> Section:
    mistakes = diagnosis.mistakes
    shares, gains = mistakes.shares, 100 * mistakes.gains.mean(axis=1)
    counts = mistakes.counts.mean(axis=1).tolist()
    rows: list[tuple[str | float | None, ...]] = [(KINDS[0], counts[0], None, None, None, None)]
    for i, name in enumerate(ERRORS):
        bounds = [100 * value for value in shares[name]] if name in shares else [None, None, None]
        rows.append((name, counts[i + 1], *bounds, float(gains[i])))
    columns = ("kind", "detections, mean over tIoU", "% of wrong ones", "from", "to", "mAP_N gained without it")
    by_rank = mistakes.counts_by_rank.mean(axis=2)
    filled = np.flatnonzero(by_rank.sum(axis=1))
    x = tuple(float(g + 1) for g in filled)
    profile = 100 * by_rank[filled] / by_rank[filled].sum(axis=1, keepdims=True)
    lines = {kind: Line(x, tuple(profile[:, k].tolist())) for k, kind in enumerate(KINDS)}
    said = (
        f"for a class of G instances the {LIMIT}G best detections; a kind is decided by the instance that a detection "
        "overlaps most"
    )
    cost = Bars("Without errors of one kind", ERRORS, {"gain": tuple(gains.tolist())}, "points of average mAP_N")
    charts = (Lines("What detections are, by rank", lines, "rank, in multiples of G", "per cent"),) if lines else ()
    return Section("False positives", (said,), (Table(columns, tuple(rows), 1),), (cost, *charts))


def _characteristic(row: Sensitivity, diagnosis: DetectionDiagnosis) -> Section:
    c, base = row.characteristic, 100 * float(diagnosis.normalised.mean())
    found, missed = _percent(row.mean_ap), _percent(row.missed.mean(axis=1))
    labels = tuple(f"{label} ({text})" for label, text in zip(c.labels, c.ranges(), strict=True))
    rows = tuple(zip(labels, row.instances.tolist(), _percent(row.share), found, missed, strict=True))
    columns = (c.name, "instances", "% of all", "mAP_N", "% missed")
    marks: dict[str, tuple[float | None, ...]] = {"all instances": (base,) * len(labels)}
    charts = (
        Bars(f"mAP_N by {c.name}", labels, {"mAP_N": found}, MAP_N, marks=marks),
        Bars(f"Misses by {c.name}", labels, {"missed": missed}, "per cent of instances"),
    )
    return Section(f"By {c.name}: {c.meaning}", (), (Table(columns, rows, 1),), charts)


def _percent(values: np.ndarray) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else 100 * float(value) for value in values)
