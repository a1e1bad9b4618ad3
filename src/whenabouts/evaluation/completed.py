"""One row for every query: what a submission lacks is a miss, counted and told, and no reason to score nothing."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from whenabouts.benchmarks.example import Example

__all__ = ["completed", "with_own_qids"]

MISS = [[-2.0, -1.0, 0.0]]  # before every video
MOMENTS, SALIENCY = "pred_relevant_windows", "pred_saliency_scores"
Row = Mapping[str, Any]


def with_own_qids(rows: Sequence[Row], examples: Sequence[Example]) -> list[Row]:
    """The rows with qids as the annotations have them: 7 and "7" are one."""
    own = {str(e.qid): e.qid for e in examples}
    return [{**row, "qid": own.get(str(row["qid"]), row["qid"])} for row in rows]


def completed(rows: Sequence[Row], examples: Sequence[Example]) -> list[Row]:
    """Rows of a QVHighlights submission, one for every query, with windows and saliency where any row has them.

    A query without a row, or without windows, gets one that hits nothing; without saliency all its clips are alike.
    Warnings count both.
    """
    given = [field for field in (MOMENTS, SALIENCY) if any(field in row for row in rows)]
    answered = {row["qid"] for row in rows}
    absent: list[Row] = [{"qid": e.qid, "query": e.query, "vid": e.video} for e in examples if e.qid not in answered]
    if not given or len(absent) == len(examples):  # nothing to score, which is told elsewhere
        return list(rows)
    whole = [*rows, *absent]
    if MOMENTS in given:
        without = [not _has(row, MOMENTS) for row in whole]
        if count := sum(without):
            many = f"{count} queries have no answer and count as misses"
            warnings.warn("1 query has no answer and counts as a miss" if count == 1 else many, stacklevel=2)
        whole = [{**row, MOMENTS: MISS} if none else row for row, none in zip(whole, without, strict=True)]
    if SALIENCY in given:
        without = [not _has(row, SALIENCY) for row in whole]
        if count := sum(without):
            many = f"{count} queries have no saliency; their clips count as alike"
            warnings.warn("1 query has no saliency; its clips count as alike" if count == 1 else many, stacklevel=2)
        whole = [{**row, SALIENCY: [0.0]} if none else row for row, none in zip(whole, without, strict=True)]
    return whole


def _has(row: Row, field: str) -> bool:
    return row.get(field) not in (None, [])
