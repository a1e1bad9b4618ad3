"""One number for all answers: what it would bring to undo the error of length, or of place, that was measured in them.

Nothing is searched: the factor of the length and the shift are what the medians of the errors say, for the number with
the best IoU says little about them. A longer window raises the IoU of any answer that lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.ends import Ends
from whenabouts.auditing.diagnosis.facts import Facts
from whenabouts.auditing.diagnosis.lengths import Lengths
from whenabouts.metrics.bootstrap import Interval
from whenabouts.metrics.matching import hull_iou

__all__ = ["Adjustment", "adjusted"]

WORTH = 0.5  # points of mIoU


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A number that is measured on these answers, and undone: the factor of the length, or the shift in seconds.

    recall, miou: points by which the scores change, with 95 % intervals over videos; elsewhere they may change less
    """

    kind: str
    value: float
    recall: Interval
    miou: Interval

    @property
    def gains(self) -> bool:
        """Whether mIoU surely rises by something, and R1 does not surely fall."""
        return self.miou.low > 0 and self.miou.mean >= WORTH and self.recall.high >= 0


def adjusted(facts: Facts, lengths: Lengths | None, ends: Ends | None) -> tuple[Adjustment, ...]:
    """For the errors that the answers surely have: of length, and of place, where both ends lie to one side."""
    return tuple(_adjusted(facts, lengths, ends))


def _adjusted(facts: Facts, lengths: Lengths | None, ends: Ends | None) -> Iterator[Adjustment]:
    centre, half = facts.first.mean(axis=1), (facts.first[:, 1] - facts.first[:, 0]) / 2
    if lengths is not None and lengths.fault is not None:
        factor = 1 / lengths.ratio.mean if lengths.ratio.mean else np.inf
        if np.isfinite(factor):
            yield _changed(facts, "length", factor, np.column_stack([centre - factor * half, centre + factor * half]))
    if ends is not None and ends.side is not None and ends.shift:
        yield _changed(facts, "shift", -ends.shift, facts.first - ends.shift)


def _changed(facts: Facts, kind: str, value: float, windows: NDArray[np.float64]) -> Adjustment:
    """Windows are not cut at the borders of the video, where moving one would shorten it."""
    after, before = (np.nan_to_num(hull_iou(each, facts.truth)) for each in (windows, facts.first))
    recall = (after >= facts.threshold).astype(np.float64) - (before >= facts.threshold)
    return Adjustment(kind, value, facts.points(recall), facts.points(after - before))
