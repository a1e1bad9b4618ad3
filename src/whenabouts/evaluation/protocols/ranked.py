"""R@n,IoU=m and mIoU of ranked windows: the protocols of sentence grounding.

Two numbers are comparable only under one protocol: `>` or `>=`, the order that makes the first answer first, what a
missing or unreadable answer costs, whether windows are suppressed, clamped or swapped first, and which IoU is taken.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.benchmarks.charades_sta import clamp
from whenabouts.benchmarks.example import Example, Task
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.protocols.protocol import EvaluationProtocol, table_row
from whenabouts.evaluation.report import RankedReport
from whenabouts.evaluation.submission import Submission
from whenabouts.evaluation.units import suspected_unit
from whenabouts.metrics.matching import PairIoU, hull_iou, union_iou
from whenabouts.metrics.ranking import overlaps, recall_at_n, set_iou, suppressed

__all__ = ["RankedProtocol"]

IOUS: dict[str, PairIoU] = {"hull": hull_iou, "union": union_iou}
WIDTHS: dict[str, type[np.floating[Any]]] = {"float64": np.float64, "float32": np.float32}
NO_ANSWER = {
    "error": "a miss; `--strict-official`: refused",
    "zero": "a miss",
    "dropped": "a miss; `--strict-official`: excluded from the mean",
}
Answers = Mapping[Any, ArrayLike]
Overlaps = NDArray[np.float64]


@dataclass(frozen=True)
class RankedProtocol(EvaluationProtocol):
    """R@n,IoU=m and mIoU of ranked windows per query.

    strict:   a hit needs IoU > m; otherwise IoU >= m.
    iou:      `hull` and `union` agree on proper windows; `set` compares all windows of a query at once.
    nms:      2D-TAN's suppression before counting: the greatest overlap that two windows may keep.
    unit:     seconds to whose nearest multiple windows are rounded before counting, halves to the even one; `units`
              has that of some data sets, by name.
    floats:   of the official arithmetic: in torch's float32 other windows are exactly at a threshold.
    missing:  what the official code does with a query without an answer: it is an `error`, counts `zero`, or is
              `dropped` from the mean. Here it is a miss, unless `strict_official` follows the official code.
    inverted: what the official code does with a window that ends before it starts: it is `kept`, or its ends are
              `swapped`. Here a window that is kept so is refused, unless `strict_official` follows the official code.
    truth:    annotations `clamped` to the video, or `raw`.
    parser:   the official reader of model answers, by its name.
    """

    tasks: ClassVar[tuple[Task, ...]] = ("TSG", "MR", "TAL")

    thresholds: tuple[float, ...] = (0.3, 0.5, 0.7)
    ranks: tuple[int, ...] = (1,)
    strict: bool = False
    iou: Literal["hull", "union", "set"] = "hull"
    nms: float | None = None
    unit: float | None = None
    units: Mapping[str, float] = field(default_factory=dict)
    floats: Literal["float64", "float32"] = "float64"
    missing: Literal["error", "zero", "dropped"] = "zero"
    inverted: Literal["kept", "swapped"] = "kept"
    truth: Literal["clamped", "raw"] = "raw"
    parser: str | None = None

    def evaluate(self, submission: Submission) -> RankedReport:
        """Scores of the queries that have a window, with all that helps to judge them."""
        return self.evaluate_answers(submission.answers(), submission)

    def evaluate_answers(self, answers: Answers, submission: Submission) -> RankedReport:
        """The same of windows that were already read, by qid; those of queries that are not scored are left out."""
        rules = replace(self, unit=self.units.get(submission.dataset.name, self.unit))
        examples = self._scored(submission.examples)
        if absent := sum(not len(e.windows) for e in submission.examples):
            many = f"{absent} queries have no window in the annotations and are not scored"
            one = "1 query has no window in the annotations and is not scored"
            warnings.warn(one if absent == 1 else many, stacklevel=2)
        if not examples:
            raise AnnotationError(f"{submission.truth}: no query of the split {submission.split} has a window to score")
        truths = {e.qid: e.windows for e in examples}
        kept = {qid: windows for qid, windows in answers.items() if qid in truths}
        with submission.predictions_at_fault(), submission.official_crashes():
            keys, best = rules.overlaps(kept, truths, strict_official=submission.strict)
            scores = self.figures(best)
        if unit := suspected_unit(kept, examples):
            warnings.warn(unit, stacklevel=2)
        known = {e.qid: e for e in examples}
        return RankedReport(
            dataset=submission.dataset,
            split=submission.split,
            protocol=self.name,
            source=self.source,
            scores=scores,
            per_query=self.per_query(best),
            answers=kept,
            examples=tuple(known[qid] for qid in keys),
            train=cache(lambda: self._scored(submission.training_examples)),
            scored=lambda found, true: rules.per_query(rules.overlaps(found, true)[1]),
        )

    def rules(self) -> dict[str, str]:
        """What decides, in words."""
        before = [f"NMS {self.nms}"] if self.nms else []
        before += ["truth clamped to the video"] if self.truth == "clamped" else []
        before += [f"rounded to {self.unit:g} s"] if self.unit else []
        before += [f"{name}: {unit:g} s" for name, unit in self.units.items()]
        return table_row(
            "all windows at once, >" if self.iou == "set" else f"{self.iou} IoU {'>' if self.strict else '>='}",
            ranks=", ".join(map(str, self.ranks)),
            tIoU=", ".join(f"{t:g}" for t in self.thresholds),
            before_counting="; ".join(before) or "–",
            no_answer=NO_ANSWER[self.missing],
            inverted_answer=self.inverted,
            parser=self.parser or "–",
        )

    def overlaps(
        self, predictions: Answers, truths: Answers, *, strict_official: bool = False
    ) -> tuple[list[Any], Overlaps]:
        """The queries that count and their IoU per rank: (Q,) keys and (Q, ranks).

        Both arguments map a query's id to windows of [start, end] in seconds, best first. By default broken windows
        and unanswered queries are refused or counted as misses with a warning; `strict_official` follows the official
        code. Raises AnnotationError naming the query.
        """
        unknown = [qid for qid in predictions if qid not in truths]
        if unknown:
            raise AnnotationError(f"qid {unknown[0]!r} is predicted but not in the ground truth")
        keys = list(truths)
        unanswered = [qid for qid in keys if not np.size(predictions.get(qid, ()))]
        if unanswered and self.missing == "error" and strict_official:
            raise AnnotationError(f"qid {unanswered[0]!r} has no prediction; {self.name} needs one for every query")
        if unanswered and self.missing == "dropped" and strict_official:
            keys = [qid for qid in keys if qid not in set(unanswered)]
        elif unanswered:
            many = f"{len(unanswered)} queries have no answer and count as misses"
            warnings.warn("1 query has no answer and counts as a miss" if len(unanswered) == 1 else many, stacklevel=3)
        checked = [self._checked(predictions.get(qid, ()), qid, strict_official) for qid in keys]
        if not strict_official and (empty := sum(int((a[:, 0] == a[:, 1]).sum()) for a in checked)):
            many = f"{empty} predicted windows have no length; each of them is a miss"
            warnings.warn("1 predicted window has no length; it is a miss" if empty == 1 else many, stacklevel=3)
        answers = [self._rounded(rows) for rows in checked]
        targets = [truths[qid] for qid in keys]
        if self.iou == "set":
            values = [set_iou(a, t, WIDTHS[self.floats]) for a, t in zip(answers, targets, strict=True)]
            return keys, np.array(values)[:, None]
        return keys, overlaps(answers, targets, ranks=max(self.ranks), iou=self._iou)

    def score(self, predictions: Answers, truths: Answers, *, strict_official: bool = False) -> dict[str, float]:
        """Percentages by name, unrounded: `R1@0.5`, …, `mIoU`."""
        return self.figures(self.overlaps(predictions, truths, strict_official=strict_official)[1])

    def figures(self, best: Overlaps) -> dict[str, float]:
        """The percentages of `overlaps`. Raises AnnotationError without queries."""
        if not len(best):
            raise AnnotationError("the annotations have no query to score")
        recalls = {
            f"R{n}@{m}": 100 * recall_at_n(best, n, self._number(m), strict=self.strict)
            for n in self.ranks
            for m in self.thresholds
        }
        return recalls | {"mIoU": 100 * float(best[:, 0].mean())}

    def per_query(self, best: Overlaps) -> dict[str, NDArray[np.float64]]:
        """What every query adds to each figure, in [0, 1]: (Q,) by name."""
        values: dict[str, NDArray[np.float64]] = {}
        for n in self.ranks:
            for m in self.thresholds:
                bound = self._number(m)
                hits = best[:, :n] > bound if self.strict else best[:, :n] >= bound
                values[f"R{n}@{m}"] = np.any(hits, axis=1).astype(np.float64)
        return values | {"mIoU": best[:, :1].ravel()}

    def _iou(self, a: Overlaps, b: Overlaps) -> Overlaps:
        kind: Any = WIDTHS[self.floats]
        return IOUS[self.iou](a.astype(kind, copy=False), b.astype(kind, copy=False))

    def _number(self, value: float) -> float:
        """The number that the official arithmetic makes of it."""
        return float(WIDTHS[self.floats](value))

    def _scored(self, examples: Sequence[Example]) -> list[Example]:
        return clamp(list(examples)) if self.truth == "clamped" else [e for e in examples if len(e.windows)]

    def _ready(self, answer: ArrayLike, qid: Any, strict_official: bool) -> Any:
        return self._rounded(self._checked(answer, qid, strict_official))

    def _checked(self, answer: ArrayLike, qid: Any, strict_official: bool) -> Overlaps:
        try:
            rows = np.asarray(answer, dtype=np.float64)
            rows = rows.reshape(-1, rows.shape[-1] if rows.size else 2)[:, :2]
        except (TypeError, ValueError, IndexError):
            raise AnnotationError(f"qid {qid!r}: windows must be lists of [start, end] in seconds") from None
        if self.inverted == "swapped":
            rows = np.sort(rows, axis=1)
        if not strict_official:
            broken = np.flatnonzero(~(rows[:, 1] >= rows[:, 0]))
            if len(broken):
                number, row = int(broken[0]) + 1, rows[broken[0]].tolist()
                raise AnnotationError(f"qid {qid!r}, window {number}: {row} is inverted or not a number")
        return rows

    def _rounded(self, rows: Overlaps) -> Any:
        if self.unit:
            kind = WIDTHS[self.floats]
            rows = np.round(rows.astype(kind) / kind(self.unit)) * kind(self.unit)
        return rows if self.nms is None else suppressed(rows, self.nms, max(self.ranks))
