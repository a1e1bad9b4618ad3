"""How well answers fit: what recall at one threshold does not tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whenabouts.auditing.diagnosis.facts import Facts
from whenabouts.auditing.judged import Judged
from whenabouts.metrics.bootstrap import Interval

__all__ = ["THRESHOLDS", "Fit", "fit"]

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
BARELY = 0.1  # above the threshold


@dataclass(frozen=True, slots=True)
class Fit:
    """Shares and scores are per cent, IoU is in [0, 1].

    recall, miou: with 95 % intervals over videos; by_threshold: recall at each IoU
    hits, misses: mean IoU of each; None without any. mIoU is what both are together
    apart:        share of the answers that touch no true moment, or are none
    barely:       of the hits, the share less than 0.1 above the threshold
    blind_recall, blind_miou: the best of the blind baselines, and `blind` which that is; None without one
    """

    recall: Interval
    miou: Interval
    by_threshold: dict[float, float]
    hits: float | None
    misses: float | None
    apart: float
    barely: float | None
    blind: str | None
    blind_recall: float | None
    blind_miou: float | None


def fit(facts: Facts, judged: Judged) -> Fit:
    """The fit of all answers."""
    hit, iou = facts.hit, facts.iou
    blind = judged.report.blind
    metric = f"R1@{facts.threshold:g}"
    known = {name: scores for name, scores in blind.items() if metric in scores}
    best = max(known, key=lambda name: known[name][metric]) if known else None
    return Fit(
        facts.percent(hit),
        facts.percent(iou),
        {threshold: 100 * float((iou >= threshold).mean()) for threshold in THRESHOLDS},
        float(iou[hit].mean()) if hit.any() else None,
        float(iou[~hit].mean()) if not hit.all() else None,
        100 * float((iou <= 0).mean()),
        100 * float((iou[hit] < facts.threshold + BARELY).mean()) if hit.any() else None,
        best,
        known[best][metric] if best else _of_constant(facts),
        max((scores["mIoU"] for scores in blind.values() if "mIoU" in scores), default=None),
    )


def _of_constant(facts: Facts) -> float | None:
    known = facts.blind_iou[~np.isnan(facts.blind_iou)]
    return 100 * float((known >= facts.threshold).mean()) if len(known) else None
