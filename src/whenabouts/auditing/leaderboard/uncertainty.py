"""95 % bounds of the scores of a run, by resampling videos, for the metrics that are means over queries."""

from __future__ import annotations

import numpy as np

from whenabouts.evaluation.predictions import Source, read_submission
from whenabouts.evaluation.report import RankedReport, Report
from whenabouts.metrics.bootstrap import intervals_of_means
from whenabouts.metrics.moment_retrieval import Predictions, Truths, average_precisions

__all__ = ["intervals"]

Bounds = dict[str, tuple[float, float]]


def intervals(report: Report, predictions: Source) -> Bounds:
    """Bounds in per cent by metric; none for metrics over classes, such as mAP of action localisation."""
    if isinstance(report, RankedReport):
        return dict(report.intervals)
    if report.protocol != "qvhighlights" or report.first_window is None:
        return {}
    first = report.first_window()
    full = {f"MR-full-{name}": bounds for name, bounds in first.intervals.items() if name.startswith("R1")}
    return full | _mean_average_precision(first, predictions)


def _mean_average_precision(first: RankedReport, predictions: Source) -> Bounds:
    """Bounds of MR-full-mAP, which is the mean over queries of their AP at ten thresholds."""
    examples = first.examples
    rows = [row.data for row in read_submission(predictions, lambda: list(examples))]
    read = Predictions.read(rows)
    truths = Truths.read([{"qid": e.qid, "relevant_windows": e.windows.tolist()} for e in examples], read.qids)
    [ap] = average_precisions(read, truths, [truths.everything()])
    found = intervals_of_means({"MR-full-mAP": 100 * np.asarray(ap).mean(axis=1)}, [e.video for e in examples])
    return {name: (bounds.low, bounds.high) for name, bounds in found.items()}
