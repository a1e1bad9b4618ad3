"""Whether answers agree with each other: the scores of Charades-CON and ActivityNet-CON (arXiv:2411.12951).

Only answers that find the moment, with an IoU of 0.5, are asked again; what they get then is multiplied with the share
of those that did. So a model is consistent only where it is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from whenabouts.metrics.relevance import Confusion

__all__ = ["Recorded", "consistency"]

HIT = 0.5
THRESHOLDS = (0.3, 0.5, 0.7)
Judged = tuple[bool, bool]  # whether the sentence is true, and whether the answer about it is right


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was answered to one query and to the questions that follow.

    iou:      of the first answer with the truth; found: that which decides whether more was asked
    reworded: IoU of the answers to other wordings with the first answer
    shifted:  IoU in the video whose moment was moved, with its new place; None where it was not asked
    verified: of the questions whether sentences happen in the answered window; composed: of those about their parts
    """

    iou: float
    found: float
    reworded: tuple[float, ...] = ()
    shifted: float | None = None
    verified: tuple[Judged, ...] = ()
    composed: tuple[Judged, ...] = ()


def consistency(records: Sequence[Recorded], *, rounded: bool = False) -> dict[str, Any]:
    """The figures of the official evaluator under its names; `rounded` as it rounds them, to two decimals.

    Ground is R1@0.5 of the first answers; C_Ground (the paper's R-Ground), S_Ground, H_verif_acc and C_verif_acc are
    those of what was asked after it, times Ground / 100. ROC_AUC is the area under the one point of the ROC curve.
    """
    asked = [one for one in records if one.found >= HIT]
    ground = _grounding([one.iou for one in records], rounded)
    shifted = _grounding([one.shifted for one in asked if one.shifted is not None], rounded)
    reworded = _grounding([iou for one in asked for iou in one.reworded], rounded)
    verified = _verification([judged for one in asked for judged in one.verified], rounded)
    composed = _verification([judged for one in asked for judged in one.composed], rounded)
    right = ground["R@1 IoU=0.5"]
    parts = {
        "C_Ground": reworded["R@1 IoU=0.5"],
        "S_Ground": shifted["R@1 IoU=0.5"],
        "H_verif_acc": verified["scores"]["Accuracy"],
        "C_verif_acc": composed["scores"]["Accuracy"],
    }
    return {
        "org_grounding": ground,
        "shifted_grounding": shifted,
        "rephrased_grounding": reworded,
        "holistic": verified,
        "compositional": composed,
        "absolute_scores": {"Ground": right}
        | {name: _to(2, part * right / 100, rounded) for name, part in parts.items()},
    }


def _grounding(ious: Sequence[float], rounded: bool) -> dict[str, float]:
    count = max(len(ious), 1)
    shares = {f"R@1 IoU={t}": _to(2, sum(iou >= t for iou in ious) / count * 100, rounded) for t in THRESHOLDS}
    mean = sum(ious) / count * 100
    return shares | {"mIoU": round(mean, 3) if rounded else mean}


def _verification(judged: Sequence[Judged], rounded: bool) -> dict[str, Any]:
    counts = Confusion(
        tp=sum(so and right for so, right in judged),
        fp=sum(not so and not right for so, right in judged),
        fn=sum(so and not right for so, right in judged),
        tn=sum(not so and right for so, right in judged),
    )
    scores = {
        "Precision": counts.precision,
        "Recall": counts.recall,
        "F1_score": counts.f1,
        "ROC_AUC": _area(counts),
        "Accuracy": counts.accuracy,
    }
    return {
        **{name.upper(): value for name, value in counts._asdict().items()},
        "scores": {name: _to(2, 100 * value, rounded) for name, value in scores.items()},
    }


def _area(counts: Confusion) -> float:
    """Of the curve through (0, 0), the point and (1, 1); 0 where one of the classes is missing."""
    if not (counts.tp + counts.fn and counts.fp + counts.tn):
        return 0.0
    true, false = counts.tp / (counts.tp + counts.fn), counts.fp / (counts.fp + counts.tn)
    return true * false / 2 + (1 - false) * (true + 1) / 2


def _to(digits: int, value: float, rounded: bool) -> float:
    return float(f"{value:.{digits}f}") if rounded else value
