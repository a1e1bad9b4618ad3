"""What mending an outcome would bring, at most: the scores if the answers of this outcome were as good as can be.

An answer that is too long, too short or elsewhere becomes the true moment, one that is shifted is only moved, and of
one whose better answers come later the best of them is taken. `adjusted` asks for less: one factor for the length of
all windows, or one shift for all of them, which needs no truth at the time of the answer, only a look at this set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts
from whenabouts.metrics.bootstrap import Interval
from whenabouts.metrics.matching import hull_iou

__all__ = ["Adjustment", "Gain", "adjusted", "gains"]

FACTORS = np.round(np.geomspace(0.25, 4.0, 41), 3)  # lengths that are tried
SHIFTS = np.arange(-10.0, 10.5, 0.5)  # seconds


@dataclass(frozen=True, slots=True)
class Gain:
    """Points by which recall and mIoU would rise at most, with 95 % intervals over videos."""

    recall: Interval
    miou: Interval


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One number for all answers, chosen on them: the factor of the length, or the shift in seconds.

    recall, miou: points by which the scores change; the choice is on the same answers, so less elsewhere
    """

    kind: str
    value: float
    recall: float
    miou: float


def gains(facts: Facts, outcome: NDArray[np.str_]) -> dict[str, Gain]:
    """By outcome, of those that there are, but for hits."""
    mended = np.ones(len(facts))
    moved = np.minimum(facts.first[:, 1] - facts.first[:, 0], facts.length) / np.maximum(
        facts.first[:, 1] - facts.first[:, 0], facts.length
    )
    mended = np.where(outcome == "shifted", moved, np.where(outcome == "ranking", facts.best, mended))
    right = mended >= facts.threshold
    found = {}
    for name in dict.fromkeys(outcome.tolist()):
        if name == "hit":
            continue
        chosen = outcome == name
        found[name] = Gain(
            facts.resampling.mean(100.0 * (chosen & right)),
            facts.resampling.mean(np.where(chosen, 100.0 * np.maximum(0.0, mended - facts.iou), 0.0)),
        )
    return found


def adjusted(facts: Facts) -> tuple[Adjustment, ...]:
    """The factor and the shift with the best mIoU of the answers that have a window; none where neither raises it."""
    rows = np.flatnonzero(facts.given)
    if not len(rows):
        return ()
    first, truth, share = facts.first[rows], facts.truth[rows], 100.0 / len(facts)
    centre, half = first.mean(axis=1), (first[:, 1] - first[:, 0]) / 2

    def scored(kind: str, value: float, low: NDArray[np.float64], high: NDArray[np.float64]) -> Adjustment:
        last = np.where(np.isnan(facts.duration[rows]), np.inf, facts.duration[rows])
        window = np.column_stack([np.maximum(low, 0.0), np.minimum(high, np.maximum(last, first[:, 1]))])
        iou = np.nan_to_num(hull_iou(window, truth))
        before = np.nan_to_num(hull_iou(first, truth))
        recall = float((iou >= facts.threshold).sum() - (before >= facts.threshold).sum()) * share
        return Adjustment(kind, value, recall, float((iou - before).sum()) * share)

    lengths = [scored("length", float(f), centre - f * half, centre + f * half) for f in FACTORS]
    shifts = [scored("shift", float(s), first[:, 0] + s, first[:, 1] + s) for s in SHIFTS]
    best = (max(tried, key=lambda one: one.miou) for tried in (lengths, shifts))
    return tuple(one for one in best if one.miou > 0)
