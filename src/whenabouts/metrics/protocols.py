"""Protocols: what exactly a published number means, as values one can read, print and run.

Two numbers are comparable only under one protocol: `>` or `>=`, the order that makes the first answer first, what a
missing or unreadable answer costs, whether windows are suppressed, clamped or swapped first, and which IoU is taken.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from whenabouts.errors import AnnotationError
from whenabouts.metrics import tal
from whenabouts.metrics.matching import PairIoU, hull_iou, union_iou
from whenabouts.metrics.ranking import overlaps, recall_at_n, set_iou, suppressed

__all__ = ["PROTOCOLS", "Detection", "Highlights", "Protocol", "Ranked"]

IOUS: dict[str, PairIoU] = {"hull": hull_iou, "union": union_iou}
Answers = Mapping[Any, ArrayLike]


@dataclass(frozen=True, slots=True)
class Ranked:
    """R@n,IoU=m and mIoU of ranked windows per query.

    strict:   a hit needs IoU > m; otherwise IoU >= m.
    iou:      `hull` and `union` agree on proper windows; `set` compares all windows of a query at once.
    nms:      2D-TAN's suppression before counting: the greatest overlap that two windows may keep.
    missing:  a query without an answer is an `error`, counts `zero`, or is `dropped` from the mean.
    inverted: a window that ends before it starts is `refused`, counts as it `stands`, or is `swapped`.
    truth:    annotations `clamped` to the video, or `raw`.
    parser:   the official reader of model answers, by its name in `whenabouts.rewards`.
    """

    name: str
    source: str
    thresholds: tuple[float, ...] = (0.3, 0.5, 0.7)
    ranks: tuple[int, ...] = (1,)
    strict: bool = False
    iou: Literal["hull", "union", "set"] = "hull"
    nms: float | None = None
    missing: Literal["error", "zero", "dropped"] = "zero"
    inverted: Literal["stands", "swapped"] = "stands"
    truth: Literal["clamped", "raw"] = "raw"
    parser: str | None = None

    def overlaps(
        self, predictions: Answers, truths: Answers, *, strict_official: bool = False
    ) -> tuple[list[Any], Any]:
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
        if unanswered and self.missing == "error":
            raise AnnotationError(f"qid {unanswered[0]!r} has no prediction; {self.name} needs one for every query")
        if unanswered and self.missing == "dropped" and strict_official:
            keys = [qid for qid in keys if qid not in set(unanswered)]
        elif unanswered:
            warnings.warn(f"{len(unanswered)} queries have no answer and count as misses", stacklevel=3)
        answers = [self._ready(predictions.get(qid, ()), qid, strict_official) for qid in keys]
        targets = [truths[qid] for qid in keys]
        if self.iou == "set":
            values = [set_iou(a, t) for a, t in zip(answers, targets, strict=True)]
            return keys, np.array(values)[:, None]
        return keys, overlaps(answers, targets, ranks=max(self.ranks), iou=IOUS[self.iou])

    def score(self, predictions: Answers, truths: Answers, *, strict_official: bool = False) -> dict[str, float]:
        """Percentages by name, unrounded: `R1@0.5`, …, `mIoU`."""
        keys, best = self.overlaps(predictions, truths, strict_official=strict_official)
        if not keys:
            raise AnnotationError("there is no query to score")
        figures = {
            f"R{n}@{m}": 100 * recall_at_n(best, n, m, strict=self.strict) for n in self.ranks for m in self.thresholds
        }
        return figures | {"mIoU": 100 * float(best[:, 0].mean())}

    def _ready(self, answer: ArrayLike, qid: Any, strict_official: bool) -> Any:
        try:
            rows = np.asarray(answer, dtype=np.float64)
            rows = rows.reshape(-1, rows.shape[-1] if rows.size else 2)[:, :2]
        except (TypeError, ValueError, IndexError):
            raise AnnotationError(f"qid {qid!r}: windows must be lists of [start, end] in seconds") from None
        if self.inverted == "swapped":
            rows = np.sort(rows, axis=1)
        if not strict_official:
            broken = np.flatnonzero(~(rows[:, 1] > rows[:, 0]))
            if len(broken):
                number, row = int(broken[0]) + 1, rows[broken[0]].tolist()
                raise AnnotationError(f"qid {qid!r}, window {number}: {row} is inverted, empty or not a number")
        return rows if self.nms is None else suppressed(rows, self.nms, max(self.ranks))


@dataclass(frozen=True, slots=True)
class Detection:
    """TAL mAP over classes; see `metrics.tal`."""

    name: str
    source: str
    variant: str
    tious: tuple[float, ...]
    recall_at: tuple[int, ...] = ()

    def score(
        self,
        predictions: Mapping[str, Any],
        truths: Mapping[str, Any],
        *,
        subset: str | None = None,
        strict_official: bool = False,
    ) -> dict[str, float]:
        """The figures of `tal.evaluate`: fractions, unrounded."""
        return tal.evaluate(
            predictions,
            truths,
            variant=self.variant,
            subset=subset,
            tious=self.tious,
            recall_at=self.recall_at,
            strict_official=strict_official,
        )


@dataclass(frozen=True, slots=True)
class Highlights:
    """Moments and clip ratings together, or clip ratings alone, scored by `module`'s `function`."""

    name: str
    source: str
    module: str
    function: str = "evaluate"

    def score(self, predictions: Sequence[Any], truths: Sequence[Any], **options: Any) -> dict[str, Any]:
        """The figures of that function."""
        from importlib import import_module

        figures: dict[str, Any] = getattr(import_module(self.module), self.function)(predictions, truths, **options)
        return figures


Protocol = Ranked | Detection | Highlights

_TAN = "2D-TAN eval.py (1912.03590)"
PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Highlights("qvhighlights", "moment_detr standalone_eval (2107.09609)", "whenabouts.metrics.qvhighlights"),
        Ranked("2d-tan", _TAN, (0.1, 0.3, 0.5, 0.7), (1, 5), True, nms=0.5, missing="error", truth="clamped"),
        Ranked("charades-sta", _TAN, (0.5, 0.7), (1, 5), True, nms=0.5, missing="error", truth="clamped"),
        Ranked(
            "ms-2d-tan",
            "MS-2D-TAN eval.py (2012.02646)",
            (0.1, 0.3, 0.5, 0.7),
            (1, 5),
            True,
            nms=0.49,
            missing="error",
            truth="clamped",
        ),
        Ranked("otani", "hidden-challenges-MR (2009.00325)", ranks=(1, 5), strict=True, nms=0.45),
        Ranked("ego4d-nlq", "Ego4D NLQ evaluation (2110.07058)", (0.3, 0.5), (1, 3, 5), True, missing="dropped"),
        Ranked("mad", "VLG-Net evaluation for MAD (2112.00431)", (0.1, 0.3, 0.5, 0.7), (1, 5, 10, 50, 100)),
        Ranked("time-r1", "Time-R1 evaluation, first release (2503.13377)", missing="dropped", parser="time_r1"),
        Ranked("timelens", "TimeLens evaluation", parser="timelens"),
        Ranked("lmms-eval", "lmms-eval charades_sta", inverted="swapped", parser="lmms_charades"),
        Ranked("lmms-eval-timelens", "lmms-eval timelens", missing="dropped", parser="lmms_timelens"),
        Ranked("unitime", "UniTime evaluation (2506.18883)", strict=True, iou="set", parser="unitime"),
        Ranked("videomind", "VideoMind eval_auto (2503.13444)", ranks=(1, 3, 5), iou="union"),
        Ranked("timesuite", "TimeSuite tvg (2410.19702)"),
        Ranked(
            "extremewhenbench",
            "ExtremeWhenBench reference script (2606.12300)",
            inverted="swapped",
            parser="extremewhenbench",
        ),
        Ranked("own", "whenabouts", ranks=(1, 5)),
        Highlights("tvsum", "UniVTG evaluation (2307.16715)", "whenabouts.metrics.highlights", "evaluate_tvsum"),
        Highlights(
            "youtube-highlights", "UniVTG evaluation (2307.16715)", "whenabouts.metrics.highlights", "evaluate_youtube"
        ),
        Highlights("didemo", "LocalizingMoments eval (1708.01641)", "whenabouts.metrics.didemo"),
        Detection("activitynet-1.3", "ActivityNet eval_detection", "anet", tal.ACTIVITYNET),
        Detection("thumos14", "OpenTAD mAP", "opentad", tal.THUMOS14),
        Detection("ego4d-mq", "OpenTAD mAP for Ego4D MQ (2110.07058)", "opentad", (0.1, 0.2, 0.3, 0.4, 0.5), (1, 5)),
    )
}
