"""Sets of intervals against sets of intervals, without pairing them.

The measures are those that TimeLens2 (arXiv:2607.17423) and MUSEG (arXiv:2505.20715) train with. Windows are pairs of
seconds with start < end, all finite; an order, overlaps and repetitions do not matter unless a measure says so.
The reward `set-tiou` reads the intervals of an answer in any form.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts import moment
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Reward, of_set

__all__ = [
    "giou_in_order",
    "giou_of_sets",
    "precision_of_sets",
    "seconds",
    "set_tiou",
    "shared_seconds",
    "summed",
    "tiou_of_sets",
]


def tiou_of_sets(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """Temporal IoU of all intervals together, in [0, 1]; 1 only for the exact set.

    The windows are joined first and the truths are not, as TimeLens2's `iou_overlap_ratio` has it.
    Two empty sets agree.
    """
    if not windows or not truths:
        return float(not windows and not truths)
    shared = shared_seconds(windows, truths)
    return min(1.0, max(0.0, shared / (seconds(windows) + summed(truths) - shared)))


def giou_of_sets(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """The same minus the empty share of the hull, in [-1, 1]; TimeLens2's `giou_overlap_ratio`.

    Between several truths lies emptiness too: there the hull of all of them is worth as much as the exact set.
    """
    if not windows or not truths:
        return float(not windows and not truths)
    shared = shared_seconds(windows, truths)
    union = seconds(windows) + summed(truths) - shared
    every = [*windows, *truths]
    hull = max(end for _, end in every) - min(start for start, _ in every)
    return min(1.0, max(-1.0, shared / union - (hull - union) / hull))


def precision_of_sets(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """The share of the claimed seconds that are true, in [0, 1]; TimeLens2's `temporal_precision_overlap_ratio`."""
    return min(1.0, shared_seconds(windows, truths) / seconds(windows)) if windows and truths else 0.0


def giou_in_order(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """(1 + GIoU) / 2 of the first window with the first truth and so on, by start; in [0, 1].

    A mean over the greater number of the two: what has no counterpart earns 0. TimeLens2's `_r_ngiou`.
    """
    pairs = list(zip(sorted(windows), sorted(truths), strict=False))
    if not pairs:
        return 0.0
    overlaps = [float(moment.giou([one], [other])[0, 0]) for one, other in pairs]
    return sum((1 + overlap) / 2 for overlap in overlaps) / max(len(windows), len(truths))


def seconds(windows: Sequence[Window]) -> float:
    """How long the joined windows are."""
    joined = moment.merge(list(windows))
    return float((joined[:, 1] - joined[:, 0]).sum())


def summed(windows: Sequence[Window]) -> float:
    """The same without joining them."""
    return float(sum(end - start for start, end in windows))


def shared_seconds(windows: Sequence[Window], truths: Sequence[Window]) -> float:
    """How long the joined windows overlap each of the truths, summed."""
    return float(np.sum(moment.intersection(moment.merge(list(windows)), list(truths))))


set_tiou: Reward = of_set("set-tiou", tiou_of_sets)
