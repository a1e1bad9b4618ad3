"""The QVHighlights evaluators: moment retrieval and highlight detection in the official dictionary.

Four dialects of one evaluator are in use. On a complete, regular file they agree in every shared number; `DIALECTS`
states where they part. Numbers are percentages rounded to two decimals, as printed officially.

    >>> truth = [{"qid": 1, "query": "a dog", "vid": "v", "duration": 150, "relevant_windows": [[0, 10]]}]
    >>> submission = [{"qid": 1, "query": "a dog", "vid": "v", "pred_relevant_windows": [[0, 8, 0.9]]}]
    >>> evaluate(submission, truth)["brief"]["MR-full-mAP"]
    70.0
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import OfficialCrash
from whenabouts.metrics import checks, saliency
from whenabouts.metrics.moment_retrieval import (
    AP_THRESHOLDS,
    Predictions,
    Selection,
    Truths,
    average_precisions,
    best_overlaps,
)

__all__ = ["DIALECTS", "Dialect", "evaluate"]

Row = Mapping[str, Any]
Section = dict[str, Any]


@dataclass(frozen=True)
class Dialect:
    """How one official evaluator departs from the others.

    recall_from:   lowest IoU of R1 and R5; the highest is 0.95.
    buckets:       (low, high] length in seconds, by name; `full` is all windows unless it has limits of its own.
    empty_bucket:  what the official code does when no query falls into a bucket.
    headline:      suffix of the headline keys in `brief`.
    """

    name: str
    recall_from: float = 0.5
    buckets: tuple[tuple[str, float, float], ...] = (("short", 0, 10), ("middle", 10, 30), ("long", 30, 150))
    full: tuple[float, float] | None = None
    empty_bucket: Literal["crash", "zeros", "everything"] = "crash"
    mean_iou: bool = False
    mean_iou_per_bucket: bool = False
    recall_at_five: bool = False
    saliency_may_be_absent: bool = False
    headline: str = ""

    @property
    def recall_thresholds(self) -> tuple[float, ...]:
        """IoU thresholds of R1 and R5, in steps of 0.05."""
        first = round(self.recall_from * 20)
        return tuple(round(i / 20, 2) for i in range(first, 20))


DIALECTS = {
    d.name: d
    for d in [
        Dialect("moment_detr"),
        Dialect("cg_detr", recall_from=0.3, empty_bucket="zeros", mean_iou=True),
        Dialect(
            "univtg",
            recall_from=0.3,
            buckets=(("short", 0, 10), ("middle", 10, 30), ("long", 30, inf)),
            empty_bucket="everything",
            mean_iou=True,
            mean_iou_per_bucket=True,
            recall_at_five=True,
            saliency_may_be_absent=True,
            headline="-key",
        ),
        Dialect("lighthouse", buckets=(), full=(0, 1500)),
    ]
}


def evaluate(
    submission: Sequence[Row],
    ground_truth: Sequence[Row],
    *,
    dialect: str = "moment_detr",
    strict_official: bool = False,
    prefixes: tuple[str, str] = ("", ""),
) -> dict[str, Any]:
    """The official evaluator's dictionary for rows of a submission and of the annotation file.

    By default input that cannot be scored fairly is refused with an AnnotationError naming qid and row, and a bucket
    without queries is left out with a warning. With `strict_official` every quirk of the official code counts,
    and where it raises an exception, `OfficialCrash` quotes it. A predicted window of zero length is a miss, not an
    error: official post-processing makes them. `prefixes` stand in front of an error about predictions, and about the
    ground truth.
    """
    rules = DIALECTS[dialect]
    if not strict_official:
        checks.check_submission(submission, ground_truth, prefixes)
        return _evaluate(submission, ground_truth, rules, strict=False)
    try:
        return _evaluate(submission, ground_truth, rules, strict=True)
    except (AssertionError, IndexError, KeyError, TypeError, ValueError) as error:
        raise OfficialCrash(error) from error


def _evaluate(submission: Sequence[Row], ground_truth: Sequence[Row], rules: Dialect, *, strict: bool) -> Section:
    if {d["qid"] for d in submission} != {d["qid"] for d in ground_truth}:
        raise AssertionError(
            "qids in ground_truth and submission must match. use `match_number=False` if you wish to disable this check"
        )
    first, first_truth = submission[0], ground_truth[0]
    sections: Section = {}
    brief: dict[str, float] = {}
    # the official code looks at the first row alone to decide what is evaluated
    if "pred_relevant_windows" in first:
        sections |= _moments(submission, ground_truth, rules, strict=strict)
        brief |= dict(sorted(_moment_brief(sections, rules).items()))
    absent = rules.saliency_may_be_absent and not isinstance(first_truth.get("saliency_scores"), list)
    if "pred_saliency_scores" in first and not absent:
        for level, (mean_ap, hit) in saliency.saliency_scores(submission, ground_truth).items():
            name = f"HL-min-{level}"
            sections[name] = {"HL-mAP": _percent(mean_ap), "HL-Hit1": _percent(hit)}
            suffix = rules.headline if level == "VeryGood" else ""
            brief |= {f"{name}-{key[3:]}{suffix}": value for key, value in sections[name].items()}
    return {"brief": brief, **dict(sorted(sections.items()))}


def _percent(value: float) -> float:
    return float(f"{100 * value:.2f}")


def _moments(submission: Sequence[Row], ground_truth: Sequence[Row], rules: Dialect, *, strict: bool) -> Section:
    predictions = Predictions.read(submission)
    truths = Truths.read(ground_truth, predictions.qids)
    chosen: dict[str, Selection] = {name: truths.of_length(low, high) for name, low, high in rules.buckets}
    chosen["full"] = truths.of_length(*rules.full) if rules.full else truths.everything()
    empty = [name for name, selection in chosen.items() if not len(selection.rows)]
    sections: Section = {}
    for name in empty:
        if not strict:
            warnings.warn(f"no query has a window in the bucket {name!r}: it is left out", stacklevel=4)
            del chosen[name]
        elif rules.empty_bucket == "everything":
            chosen[name] = truths.everything()
        elif rules.empty_bucket == "zeros":
            sections[name] = _zeros()
            del chosen[name]
    for selection in chosen.values():
        selection.check(predictions, truths)
    if not chosen:
        return sections
    ap = average_precisions(predictions, truths, list(chosen.values()))
    for (name, selection), per_query in zip(chosen.items(), ap, strict=True):
        top = best_overlaps(predictions, truths, selection)
        sections[name] = {"MR-mIoU": _percent(float(np.mean(top)))} if rules.mean_iou else {}
        sections[name]["MR-mAP"] = _mean_ap(per_query)
        sections[name]["MR-R1"] = _recalls(top, rules)
        if rules.recall_at_five:
            sections[name]["MR-R5"] = _recalls(best_overlaps(predictions, truths, selection, 5), rules)
    return sections


def _mean_ap(per_query: NDArray[np.float64]) -> dict[str, float]:
    at = per_query.mean(axis=0)
    return {str(t): _percent(v) for t, v in zip(AP_THRESHOLDS, at, strict=True)} | {
        "average": _percent(float(np.mean(at)))
    }


def _recalls(overlaps: NDArray[np.float64], rules: Dialect) -> dict[str, float]:
    thresholds = rules.recall_thresholds
    reached = (overlaps[:, None] >= np.array(thresholds)).mean(axis=0)
    return {str(t): _percent(v) for t, v in zip(thresholds, reached, strict=True)}


def _zeros() -> Section:
    """CG-DETR's placeholder of an empty bucket, whose thresholds are not those of its other buckets."""
    zeros = {str(float(t)): 0.0 for t in np.linspace(0.5, 0.95, 19)} | {"average": 0.0}
    return {"MR-mAP": zeros, "MR-R1": dict(zeros)}


def _moment_brief(sections: Section, rules: Dialect) -> dict[str, float]:
    brief: dict[str, float] = {}
    if "full" in sections:
        full, suffix = sections["full"], rules.headline
        for key, name in [("average", "mAP"), ("0.5", "mAP@0.5"), ("0.75", "mAP@0.75")]:
            brief[f"MR-full-{name}{suffix}"] = full["MR-mAP"][key]
        for rank in ["R1", "R5"] if rules.recall_at_five else ["R1"]:
            for threshold in ["0.3", "0.5", "0.7"] if rules.recall_from < 0.5 else ["0.5", "0.7"]:
                brief[f"MR-full-{rank}@{threshold}{suffix}"] = full[f"MR-{rank}"][threshold]
        if rules.mean_iou:
            brief[f"MR-full-mIoU{suffix}"] = full["MR-mIoU"]
    for name, _, _ in rules.buckets:
        if name in sections:
            brief[f"MR-{name}-mAP"] = sections[name]["MR-mAP"]["average"]
            if rules.mean_iou_per_bucket:
                brief[f"MR-{name}-mIoU"] = sections[name]["MR-mIoU"]
    return brief
