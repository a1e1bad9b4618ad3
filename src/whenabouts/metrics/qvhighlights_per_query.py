"""What every query adds to the headline figures of the QVHighlights evaluators, all of which are means over queries.

MR-mAP is the mean over queries of their AP, itself a mean over ten thresholds; HL-mAP that of three annotators' AP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.metrics.moment_retrieval import (
    AP_THRESHOLDS,
    Predictions,
    Selection,
    Truths,
    average_precisions,
    best_overlaps,
)
from whenabouts.metrics.qvhighlights import DIALECTS, Dialect
from whenabouts.metrics.saliency import saliency_per_query

__all__ = ["per_query"]

Floats = NDArray[np.float64]
Row = Mapping[str, Any]


def per_query(
    submission: Sequence[Row], ground_truth: Sequence[Row], *, dialect: str = "moment_detr"
) -> tuple[list[Any], dict[str, Floats]]:
    """The qids of a submission that `qvhighlights.evaluate` has scored, and values in [0, 1], (Q,), by headline name.

    NaN where a query is not in a bucket. The mean of the others is the official figure before it is rounded.
    """
    rules = DIALECTS[dialect]
    predictions = Predictions.read(submission) if "pred_relevant_windows" in submission[0] else None
    values = {} if predictions is None else _moments(predictions, ground_truth, rules)
    rated = isinstance(ground_truth[0].get("saliency_scores"), list)
    if "pred_saliency_scores" in submission[0] and (rated or not rules.saliency_may_be_absent):
        for level, (ap, hit) in saliency_per_query(submission, ground_truth).items():
            suffix = rules.headline if level == "VeryGood" else ""
            values |= {f"HL-min-{level}-mAP{suffix}": ap.mean(axis=1), f"HL-min-{level}-Hit1{suffix}": hit}
    return list(dict.fromkeys(row["qid"] for row in submission)), values


def _moments(predictions: Predictions, ground_truth: Sequence[Row], rules: Dialect) -> dict[str, Floats]:
    truths = Truths.read(ground_truth, predictions.qids)
    chosen: dict[str, Selection] = {name: truths.of_length(low, high) for name, low, high in rules.buckets}
    chosen["full"] = truths.of_length(*rules.full) if rules.full else truths.everything()
    chosen = {name: selection for name, selection in chosen.items() if len(selection.rows)}
    values: dict[str, Floats] = {}
    for (name, selection), ap in zip(
        chosen.items(), average_precisions(predictions, truths, list(chosen.values())), strict=True
    ):
        inside = np.unique(truths.query[selection.rows])

        def spread(column: NDArray[Any], inside: NDArray[np.intp] = inside) -> Floats:
            whole = np.full(len(predictions.qids), np.nan)
            whole[inside] = column
            return whole

        if name != "full":
            values[f"MR-{name}-mAP"] = spread(ap.mean(axis=1))
            if rules.mean_iou_per_bucket:
                values[f"MR-{name}-mIoU"] = spread(best_overlaps(predictions, truths, selection))
            continue
        values[f"MR-full-mAP{rules.headline}"] = spread(ap.mean(axis=1))
        for threshold in (0.5, 0.75):
            key = f"MR-full-mAP@{threshold}{rules.headline}"
            values[key] = spread(ap[:, AP_THRESHOLDS.index(threshold)])
        for rank in (1, 5) if rules.recall_at_five else (1,):
            best = best_overlaps(predictions, truths, selection, rank)
            for threshold in (t for t in (0.3, 0.5, 0.7) if t in rules.recall_thresholds):
                values[f"MR-full-R{rank}@{threshold}{rules.headline}"] = spread(best >= threshold)
            if rules.mean_iou and rank == 1:
                values[f"MR-full-mIoU{rules.headline}"] = spread(best)
    return values
